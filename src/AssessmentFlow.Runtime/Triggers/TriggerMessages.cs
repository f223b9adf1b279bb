using System.Collections.Immutable;
using System.Text.Json.Serialization;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Runtime.Triggers;

/// <summary>Something that reaches a set of triggers.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "input")]
[JsonDerivedType(typeof(Announce), "announce")]
[JsonDerivedType(typeof(Follow), "follow")]
[JsonDerivedType(typeof(TimerFired), "timer")]
[JsonDerivedType(typeof(Refuse), "refuse")]
public abstract record TriggerInput
{
    private TriggerInput()
    {
    }

    /// <summary>A version is about to be published: look by yourself, should nobody say that it was.</summary>
    /// <param name="Key">Identity of the request.</param>
    public sealed record Announce(string Key) : TriggerInput;

    /// <summary>Register the triggers of the version that is published now.</summary>
    /// <param name="Key">Identity of the request that was announced.</param>
    public sealed record Follow(string Key) : TriggerInput;

    /// <summary>A timer of the set is due.</summary>
    public sealed record TimerFired(string Timer) : TriggerInput;

    /// <summary>A start by a trigger was refused; it is dropped.</summary>
    /// <param name="NodeId">The activity of the trigger.</param>
    /// <param name="InstanceId">The instance that would have been.</param>
    /// <param name="Code">Why, for machines.</param>
    /// <param name="Message">Why, for people.</param>
    public sealed record Refuse(string NodeId, string InstanceId, string Code, string Message) : TriggerInput;
}

/// <summary>Something that happened to a set of triggers.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(PublicationAnnounced), "publication-announced")]
[JsonDerivedType(typeof(AnnouncementsChecked), "announcements-checked")]
[JsonDerivedType(typeof(TriggersRegistered), "triggers-registered")]
[JsonDerivedType(typeof(TriggerFired), "trigger-fired")]
[JsonDerivedType(typeof(StartRefused), "start-refused")]
public abstract record TriggerFact
{
    private TriggerFact()
    {
    }

    /// <summary>A publication was announced.</summary>
    public sealed record PublicationAnnounced(Announcement Announcement) : TriggerFact;

    /// <summary>It was looked what is published.</summary>
    /// <param name="Left">Announcements that stay open.</param>
    public sealed record AnnouncementsChecked(ImmutableArray<Announcement> Left) : TriggerFact;

    /// <summary>The triggers of a version took the place of those before.</summary>
    public sealed record TriggersRegistered(
        long Etag, int DefinitionVersion, string DefinitionHash, DateTimeOffset PublishedAt, ImmutableArray<RegisteredTrigger> Triggers) : TriggerFact;

    /// <summary>A time of a trigger came; an instance starts.</summary>
    /// <param name="NodeId">The activity of the trigger.</param>
    /// <param name="DueAt">The time. What lay between it and the turn was missed and is not made up for.</param>
    /// <param name="InstanceId">The instance.</param>
    /// <param name="NextAt">The next time; null when there is none.</param>
    public sealed record TriggerFired(string NodeId, DateTimeOffset DueAt, string InstanceId, DateTimeOffset? NextAt) : TriggerFact;

    /// <summary>A start by a trigger was refused and dropped.</summary>
    public sealed record StartRefused(string NodeId, StartRefusal Refusal) : TriggerFact;
}

/// <summary>How sets of triggers are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(TriggerSet))]
[JsonSerializable(typeof(TriggerInput))]
[JsonSerializable(typeof(TriggerFact[]))]
[JsonSerializable(typeof(PinnedTrigger))]
public sealed partial class TriggerJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    public static TriggerJson Plain => field ??= new(PlainJson.Of(Default.Options));
}
