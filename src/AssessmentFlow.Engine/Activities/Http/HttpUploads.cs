using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// What an endpoint takes of a request: its size, and size, kind and name of the files in it. What it does not take is
/// refused, or follows an outcome of its own where the author exposes that.
/// </summary>
internal static class HttpUploads
{
    private const string RequestSizeLimit = "RequestSizeLimit";
    private const string FileSizeLimit = "FileSizeLimit";
    private const string AllowedFileExtensions = "AllowedFileExtensions";
    private const string BlockedFileExtensions = "BlockedFileExtensions";
    private const string AllowedMimeTypes = "AllowedMimeTypes";

    private static readonly Rule[] Rules =
    [
        new("ExposeRequestTooLargeOutcome", "Request too large", HttpRefusals.RequestTooLarge),
        new("ExposeFileTooLargeOutcome", "File too large", HttpRefusals.FileTooLarge),
        new("ExposeInvalidFileExtensionOutcome", "Invalid file extension", HttpRefusals.ExtensionRefused),
        new("ExposeInvalidFileMimeTypeOutcome", "Invalid file MIME type", HttpRefusals.TypeRefused),
    ];

    /// <summary>The inputs that say it, in the order in which Studio shows them.</summary>
    public static ImmutableArray<InputDescriptor> Inputs { get; } =
    [
        new(RequestSizeLimit, "Int64", "Largest content that is taken (bytes); never more than a value may have.") { DisplayName = "Request Size Limit", IsJudgedAtPublication = true },
        new(FileSizeLimit, "Int64", "Largest file that is taken (bytes); never more than a file may have.") { DisplayName = "File Size Limit", IsJudgedAtPublication = true },
        new(AllowedFileExtensions, "List<String>", "Ends of file names that are taken, such as .pdf; empty for all.") { DisplayName = "Allowed File Extensions", UiHint = "multitext", IsJudgedAtPublication = true },
        new(BlockedFileExtensions, "List<String>", "Ends of file names that are not taken; empty for none.") { DisplayName = "Blocked File Extensions", UiHint = "multitext", IsJudgedAtPublication = true },
        new(AllowedMimeTypes, "List<String>", "Media types of files that are taken; empty for all.") { DisplayName = "Allowed Mime Types", UiHint = "multitext", IsJudgedAtPublication = true },
        .. Rules.Select(static rule => new InputDescriptor(rule.Input, "Boolean", $"Whether the outcome '{rule.Outcome}' is followed instead of refusing the request.")
        {
            IsWrapped = false, UiHint = "checkbox",
        }),
    ];

    /// <summary>The outcomes that an author exposed.</summary>
    public static IEnumerable<string> ExposedBy(ActivityNode node) => Rules.Where(rule => IsExposed(node, rule)).Select(static rule => rule.Outcome);

    /// <summary>Says of limits that lie above what a workflow takes at all that they do nothing.</summary>
    public static void Check(PlanContext context)
    {
        CheckLimit(context, RequestSizeLimit, EngineLimits.ValueSizeMaxBytes);
        CheckLimit(context, FileSizeLimit, EngineLimits.FileSizeMaxBytes);
    }

    /// <summary>The outcome of a request that is not taken; null when it is.</summary>
    /// <exception cref="InputRefusedException">It is not taken, and its author exposes no outcome for that.</exception>
    public static string? OutcomeOf(ActivityContext context, JsonElement request)
    {
        if (BreachOf(context, request) is not var (code, message))
        {
            return null;
        }

        var rule = Rules.First(each => each.Code == code);
        return IsExposed(context.Node, rule) ? rule.Outcome : throw new InputRefusedException(new Refusal(RefusalKind.Invalid, code, message));
    }

    /// <summary>The first rule that a request breaks, in Elsa's order.</summary>
    private static (string Code, string Message)? BreachOf(ActivityContext context, JsonElement request)
    {
        if (Limit(context, RequestSizeLimit) is { } size && request.Member(HttpContents.Length) is { ValueKind: JsonValueKind.Number } length && length.GetInt64() > size)
        {
            return (HttpRefusals.RequestTooLarge, $"The content may have {size} bytes; it has {length}.");
        }

        if (request.Member(HttpContents.Files) is not { ValueKind: JsonValueKind.Array } files || files.GetArrayLength() is 0)
        {
            return null;
        }

        var (limit, allowed, blocked, types) = (
            Limit(context, FileSizeLimit), Extensions(context, AllowedFileExtensions), Extensions(context, BlockedFileExtensions), context.Texts(AllowedMimeTypes));
        return First(files, file => limit is { } most && file.Member("Length").GetInt64() > most, HttpRefusals.FileTooLarge, $"may have {limit} bytes.")
            ?? First(files, file => !allowed.IsEmpty && !allowed.Contains(ExtensionOf(file), StringComparer.OrdinalIgnoreCase), HttpRefusals.ExtensionRefused, $"may end in {string.Join(", ", allowed)}.")
            ?? First(files, file => blocked.Contains(ExtensionOf(file), StringComparer.OrdinalIgnoreCase), HttpRefusals.ExtensionRefused, $"may not end in {string.Join(", ", blocked)}.")
            ?? First(files, file => !types.IsEmpty && !types.Contains(TypeOf(file), StringComparer.OrdinalIgnoreCase), HttpRefusals.TypeRefused, $"may be {string.Join(", ", types)}.");
    }

    private static (string Code, string Message)? First(JsonElement files, Func<JsonElement, bool> isMeant, string code, string rule)
    {
        foreach (var file in files.EnumerateArray())
        {
            if (isMeant(file))
            {
                return (code, $"The file '{file.Member(HttpFiles.Filename).AsText()}' {rule}");
            }
        }

        return null;
    }

    private static long? Limit(ActivityContext context, string input) => context.Input(input) is { ValueKind: JsonValueKind.Number } limit ? limit.GetInt64() : null;

    /// <summary>Authors write an end with its dot or without.</summary>
    private static ImmutableArray<string> Extensions(ActivityContext context, string input) =>
        [.. context.Texts(input).Select(static text => text.Trim() is var trimmed && trimmed.StartsWith('.') ? trimmed : "." + trimmed)];

    private static string ExtensionOf(JsonElement file) => Path.GetExtension(file.Member(HttpFiles.Filename).AsText() ?? "");

    private static string TypeOf(JsonElement file) => (file.Member(HttpFiles.ContentType).AsText() ?? "").Split(';')[0].Trim();

    private static bool IsExposed(ActivityNode node, Rule rule) =>
        node.RawInputs.TryGetValue(rule.Input, out var value) && ValueConversion.TryGetBoolean(value, out var isExposed) && isExposed;

    private static void CheckLimit(PlanContext context, string input, int most)
    {
        if (context.Node.Inputs.GetValueOrDefault(input)?.FixedValue is { } written && ValueConversion.TryGetInteger(written, most + 1L, long.MaxValue, out _))
        {
            context.WarnWithoutEffect(input, $"a workflow takes {most} bytes at most.");
        }
    }

    /// <summary>A rule of an endpoint.</summary>
    /// <param name="Input">The input that exposes its outcome.</param>
    /// <param name="Outcome">The outcome when it is broken.</param>
    /// <param name="Code">The code of the refusal when it is broken.</param>
    private sealed record Rule(string Input, string Outcome, string Code);
}

/// <summary>Why an endpoint refuses a request.</summary>
public static class HttpRefusals
{
    internal const string RequestTooLarge = "request-too-large";
    internal const string FileTooLarge = "file-too-large";
    internal const string ExtensionRefused = "file-extension-refused";
    internal const string TypeRefused = "file-type-refused";

    /// <summary>The status code of HTTP for a refusal; null when an endpoint does not refuse for that.</summary>
    /// <param name="code">Code of the refusal.</param>
    public static int? StatusOf(string code) => code switch
    {
        RequestTooLarge or FileTooLarge => 413,
        ExtensionRefused or TypeRefused => 415,
        _ => null,
    };
}
