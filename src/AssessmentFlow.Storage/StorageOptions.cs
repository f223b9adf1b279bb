using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Storage;

/// <summary>Which database, and how it is written.</summary>
public sealed class StorageOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Storage";

    /// <summary>The database. Default: SQLite, one file in the data folder.</summary>
    public StorageProvider Provider { get; set; }

    /// <summary>Connection string of PostgreSQL; not used with SQLite.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Folder for everything that a single process keeps. Default: <c>data</c> in the current folder.</summary>
    [Required]
    public string DataPath { get; set; } = "data";

    /// <summary>Turns that may wait to be written (count); beyond it callers are told to try again. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int QueueMax { get; set; } = 10_000;

    /// <summary>Longest batch of one transaction (turns). Default: 256.</summary>
    [Range(1, 10_000)]
    public int BatchMax { get; set; } = 256;

    /// <summary>Transactions under way at once on PostgreSQL (count). While one is flushed the next one gathers, so that more make them only smaller. Default: 1.</summary>
    [Range(1, 32)]
    public int Writers { get; set; } = 1;

    /// <summary>Path of the SQLite file.</summary>
    public string SqlitePath => Path.Combine(DataPath, "assessmentflow.db");
}

/// <summary>Databases.</summary>
public enum StorageProvider
{
    /// <summary>One file, one process.</summary>
    Sqlite = 0,

    /// <summary>A server, any number of processes.</summary>
    Postgres = 1,
}

[OptionsValidator]
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;
