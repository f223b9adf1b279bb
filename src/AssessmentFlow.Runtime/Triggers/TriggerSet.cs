using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Activities;

namespace AssessmentFlow.Runtime.Triggers;

/// <summary>What starts instances of one workflow: the triggers of its published version, and when the next of them fires.</summary>
public sealed record TriggerSet
{
    /// <summary>The workflow.</summary>
    public required string DefinitionId { get; init; }

    /// <summary>ETag of the workflow when the triggers were registered; 0 when none were.</summary>
    public long Etag { get; init; }

    /// <summary>Number of the version that the triggers belong to.</summary>
    public int DefinitionVersion { get; init; }

    /// <summary>Hash of its content, to which the instances that they start are pinned; empty when nothing was published.</summary>
    public string DefinitionHash { get; init; } = "";

    /// <summary>When it was published.</summary>
    public DateTimeOffset PublishedAt { get; init; }

    /// <summary>The triggers, in the order of the document.</summary>
    public ImmutableArray<RegisteredTrigger> Triggers { get; init; } = [];

    /// <summary>Publications that were about to be made and have not been followed up yet.</summary>
    public ImmutableArray<Announcement> Announcements { get; init; } = [];

    /// <summary>Members written by a newer build: kept, so that an older silo loses nothing during an upgrade.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A trigger of the published version.</summary>
/// <param name="Trigger">What starts instances.</param>
/// <param name="NextAt">When it fires next; null when nothing but others fire it, or its times are over.</param>
/// <param name="Refusals">Starts that were refused since it was registered (count).</param>
/// <param name="LastRefusal">The last of them.</param>
public sealed record RegisteredTrigger(StartTrigger Trigger, DateTimeOffset? NextAt, int Refusals = 0, StartRefusal? LastRefusal = null);

/// <summary>A start that was refused and dropped.</summary>
/// <param name="At">When.</param>
/// <param name="InstanceId">The instance that would have been.</param>
/// <param name="Code">Why, for machines.</param>
/// <param name="Message">Why, for people.</param>
public sealed record StartRefusal(DateTimeOffset At, string InstanceId, string Code, string Message);

/// <summary>A publication that is about to be made.</summary>
/// <param name="Key">Identity of the request.</param>
/// <param name="At">When it was announced.</param>
/// <param name="CheckAt">When to look whether it was made, unless its maker says so before.</param>
public sealed record Announcement(string Key, DateTimeOffset At, DateTimeOffset CheckAt);

/// <summary>A trigger with the version that it belongs to: everything that is needed to start an instance by it.</summary>
/// <param name="DefinitionId">The workflow.</param>
/// <param name="DefinitionVersion">Number of its version.</param>
/// <param name="DefinitionHash">Hash of the content of that version.</param>
/// <param name="NodeId">The activity that the instance begins with.</param>
public sealed record PinnedTrigger(string DefinitionId, int DefinitionVersion, string DefinitionHash, string NodeId);

/// <summary>What is published of a workflow, as its triggers need it.</summary>
/// <param name="Etag">ETag of the workflow.</param>
/// <param name="Version">Number of the published version; 0 when none is.</param>
/// <param name="Hash">Hash of its content; empty when none is published.</param>
/// <param name="PublishedAt">When it was published.</param>
/// <param name="Triggers">Its triggers, in the order of the document.</param>
internal sealed record Publication(long Etag, int Version, string Hash, DateTimeOffset PublishedAt, ImmutableArray<StartTrigger> Triggers);
