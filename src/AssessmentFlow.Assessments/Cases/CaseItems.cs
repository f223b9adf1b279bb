using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>
/// What was found: by the mission, a donor, the meeting or whoever the record names (domain, section 4, no. 4).
/// </summary>
public record Finding : IMarked
{
    /// <summary>What kind of finding it is.</summary>
    public required FindingType Type { get; init; }

    /// <summary>Subject area, in the words of the regime.</summary>
    public required string Area { get; init; }

    /// <summary>What was found, in a sentence or two.</summary>
    public required string Summary { get; init; }

    /// <summary>Who found it; empty when the source leaves it open.</summary>
    public ImmutableArray<string> StatedBy { get; init; } = [];

    /// <summary>Portions of the source that say so.</summary>
    public ImmutableArray<string> Refs { get; init; } = [];

    /// <summary>To whom a recommendation is addressed; null when not stated. It may be a donor.</summary>
    public string? Addressee { get; init; }

    /// <summary>Programmes that the finding concerns.</summary>
    public ImmutableArray<string> RelatedProgrammes { get; init; } = [];

    /// <summary>Whether only those who handle the case may read it, such as a finding that names a community.</summary>
    public bool NeedToKnow { get; init; }

    /// <summary>What a reader should know about the finding.</summary>
    public string? Note { get; init; }

    /// <inheritdoc/>
    public Mark? Mark { get; init; }
}

/// <summary>Kinds of findings.</summary>
public enum FindingType
{
    /// <summary>Something that works.</summary>
    Strength = 0,

    /// <summary>Something that is missing or does not work.</summary>
    Shortfall = 1,

    /// <summary>Something that should be done.</summary>
    Recommendation = 2,

    /// <summary>Something that is getting better.</summary>
    Progress = 3,

    /// <summary>Something that worries.</summary>
    Concern = 4,

    /// <summary>How the State worked with the mission.</summary>
    Cooperation = 5,

    /// <summary>A principle that was put forward.</summary>
    Principle = 6,

    /// <summary>What a programme brought about.</summary>
    ProgrammeOutcome = 7,

    /// <summary>How great a threat is.</summary>
    ThreatAssessment = 8,

    /// <summary>What a meeting agreed.</summary>
    AgreedConclusion = 9,

    /// <summary>Background.</summary>
    Context = 10,

    /// <summary>What the author of the source adds.</summary>
    ReporterComment = 11,
}

/// <summary>A donor's programme of technical assistance.</summary>
public record Programme : IMarked
{
    /// <summary>The donor, as ISO 3166-1 alpha-2 code or name.</summary>
    public required string Donor { get; init; }

    /// <summary>What the programme is.</summary>
    public required string Title { get; init; }

    /// <summary>Where it stands; not stated is a normal value: it is to be asked for.</summary>
    public ProgrammeStatus Status { get; init; }

    /// <summary>How sure the status is, such as explicit or read from the tense.</summary>
    public string? StatusCertainty { get; init; }

    /// <summary>Subject areas.</summary>
    public ImmutableArray<string> Areas { get; init; } = [];

    /// <summary>Who benefits; null when not stated.</summary>
    public string? Beneficiary { get; init; }

    /// <summary>Who carries it out; null when not stated.</summary>
    public string? Implementer { get; init; }

    /// <summary>When it begins, as precisely as stated.</summary>
    public string? Start { get; init; }

    /// <summary>When it ends, as precisely as stated.</summary>
    public string? End { get; init; }

    /// <summary>How long it runs, as stated.</summary>
    public string? Duration { get; init; }

    /// <summary>What it costs, as stated.</summary>
    public string? Amount { get; init; }

    /// <summary>Portions of the source that say so.</summary>
    public ImmutableArray<string> Refs { get; init; } = [];

    /// <summary>What a reader should know about the programme.</summary>
    public string? Note { get; init; }

    /// <inheritdoc/>
    public Mark? Mark { get; init; }
}

/// <summary>Where a programme stands, in the words of the record (Cambodia 2008, portion p2).</summary>
public enum ProgrammeStatus
{
    /// <summary>Nobody said.</summary>
    NotStated = 0,

    /// <summary>Done.</summary>
    Undertaken = 1,

    /// <summary>Being done.</summary>
    Underway = 2,

    /// <summary>Thought about.</summary>
    UnderConsideration = 3,
}

/// <summary>A marked part of a report or source: normally a paragraph, also a title, table or image.</summary>
public record Portion : IMarked
{
    /// <summary>Number of the paragraph; null for a title or an image.</summary>
    public int? Paragraph { get; init; }

    /// <summary>Bullet within the paragraph; null for the paragraph itself.</summary>
    public string? Bullet { get; init; }

    /// <summary>What it says, in our own words; null when only its place and mark are recorded.</summary>
    public string? Text { get; init; }

    /// <summary>Who speaks in it; null when nobody is named.</summary>
    public string? Speaker { get; init; }

    /// <summary>How the mark was found, such as explicit or inherited.</summary>
    public string? MarkBasis { get; init; }

    /// <summary>Whether the source is cut here.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>How it is cut.</summary>
    public string? TruncationNote { get; init; }

    /// <inheritdoc/>
    public required Mark? Mark { get; init; }
}

/// <summary>Any other item of a record: an organisation, an actor, an event, a commitment, an open question.</summary>
public record RecordItem : IMarked
{
    /// <summary>What it is, in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>Further facts, by name; null where the source is silent.</summary>
    public OrderedDictionary<string, JsonElement> Facts { get; init; } = [];

    /// <summary>Portions of the source that say so.</summary>
    public ImmutableArray<string> Refs { get; init; } = [];

    /// <inheritdoc/>
    public Mark? Mark { get; init; }
}

/// <summary>How items are written as JSON. Unknown members are refused: a misspelt one must not be lost.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(Programme))]
[JsonSerializable(typeof(Portion))]
[JsonSerializable(typeof(RecordItem))]
public sealed partial class ItemJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    public static ItemJson Plain => field ??= new(PlainJson.Of(Default.Options));
}
