using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Assessments.Reviews;

/// <summary>Something that reaches a review.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "$input")]
[JsonDerivedType(typeof(Assign), "assign")]
[JsonDerivedType(typeof(WriteChapter), "write-chapter")]
[JsonDerivedType(typeof(PutFinding), "put-finding")]
[JsonDerivedType(typeof(RemoveFinding), "remove-finding")]
[JsonDerivedType(typeof(Move), "move")]
[JsonDerivedType(typeof(Release), "release")]
public abstract record ReviewInput
{
    private ReviewInput()
    {
    }

    /// <summary>Ask the agency for its review.</summary>
    public sealed record Assign(string AssessmentId, string Agency, ImmutableArray<string> Areas, DateTimeOffset? DueAt, string? Workflow) : ReviewInput;

    /// <summary>Write the chapter.</summary>
    public sealed record WriteChapter(Chapter Chapter, long? IfChangedAt, Actor Actor) : ReviewInput;

    /// <summary>Write a finding.</summary>
    public sealed record PutFinding(string FindingId, JsonElement Body, long? IfChangedAt, Actor Actor) : ReviewInput;

    /// <summary>Take a finding out.</summary>
    public sealed record RemoveFinding(string FindingId, long? IfChangedAt, Actor Actor) : ReviewInput;

    /// <summary>Move the chapter on: sign it off, return it, accept it.</summary>
    public sealed record Move(ReviewMove To, string? Reason, long? IfChangedAt, Actor Actor) : ReviewInput;

    /// <summary>Let the other agencies see it.</summary>
    public sealed record Release : ReviewInput;
}

/// <summary>What people do with a chapter as a whole.</summary>
public enum ReviewMove
{
    /// <summary>The agency signs it off.</summary>
    SignOff = 0,

    /// <summary>The mission leader sends it back.</summary>
    Return = 1,

    /// <summary>The mission leader accepts it.</summary>
    Accept = 2,
}

/// <summary>Something that happened to a review.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(Assigned), "assigned")]
[JsonDerivedType(typeof(ChapterWritten), "chapter-written")]
[JsonDerivedType(typeof(FindingPut), "finding-put")]
[JsonDerivedType(typeof(FindingRemoved), "finding-removed")]
[JsonDerivedType(typeof(Moved), "moved")]
public abstract record ReviewFact
{
    private ReviewFact()
    {
    }

    /// <summary>The review was assigned.</summary>
    public sealed record Assigned(string AssessmentId, string Agency, ImmutableArray<string> Areas, DateTimeOffset? DueAt, DateTimeOffset At) : ReviewFact;

    /// <summary>The chapter was written.</summary>
    public sealed record ChapterWritten(Chapter Chapter, string By, long Version) : ReviewFact;

    /// <summary>A finding was written.</summary>
    public sealed record FindingPut(string FindingId, JsonElement Body, Mark? Mark, string By, long Version) : ReviewFact;

    /// <summary>A finding was taken out.</summary>
    public sealed record FindingRemoved(string FindingId, string By) : ReviewFact;

    /// <summary>The chapter moved on.</summary>
    public sealed record Moved(ReviewStatus Status, string By, string? Reason, DateTimeOffset At, long Version) : ReviewFact;
}

/// <summary>Something that a review tells others after its commit.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "effect")]
[JsonDerivedType(typeof(Report), "report")]
[JsonDerivedType(typeof(Publish), "publish")]
[JsonDerivedType(typeof(StartWorkflow), "start-workflow")]
public abstract record ReviewEffect
{
    private ReviewEffect()
    {
    }

    /// <summary>Report to the case where the review stands.</summary>
    public sealed record Report(string AssessmentId, string Agency, string Status, DateTimeOffset At, long Version) : ReviewEffect;

    /// <summary>Publish an event to the workflow of the review.</summary>
    public sealed record Publish(string Name, JsonElement Payload, string CorrelationId) : ReviewEffect;

    /// <summary>Start the workflow of the review.</summary>
    public sealed record StartWorkflow(string InstanceId, string DefinitionId, OrderedDictionary<string, JsonElement> Input, string CorrelationId) : ReviewEffect;
}
