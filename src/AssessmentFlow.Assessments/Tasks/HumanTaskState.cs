using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Tasks;

/// <summary>A task for people, as it lies in the bookmark of the activity that opened it.</summary>
public sealed record HumanTaskState
{
    /// <summary>What is to be done.</summary>
    public required string Title { get; init; }

    /// <summary>How it is to be done; null when the title says it all.</summary>
    public string? Description { get; init; }

    /// <summary>Role whose holders may do it; delegation changes it.</summary>
    public required string AssignedTo { get; init; }

    /// <summary>Further role whose holders may do it since it was escalated; null when it was not.</summary>
    public string? EscalatedTo { get; init; }

    /// <summary>Who has claimed it; null while it is open to all holders of the role.</summary>
    public string? ClaimedBy { get; init; }

    /// <summary>Outcomes that people choose from.</summary>
    public ImmutableArray<string> Outcomes { get; init; } = [];

    /// <summary>Data that completing it must or may carry.</summary>
    public ImmutableArray<TaskField> Fields { get; init; } = [];

    /// <summary>When it is due, and why; null when it is not.</summary>
    public Deadline? Deadline { get; init; }

    /// <summary>When its holders are warned; null when they are not, or were.</summary>
    public DateTimeOffset? WarnAt { get; init; }

    /// <summary>Whether a warning was given.</summary>
    public bool IsWarned { get; init; }

    /// <summary>Whether it is past its due time.</summary>
    public bool IsOverdue { get; init; }

    /// <summary>Role that may do it once it is overdue; null for none.</summary>
    public string? EscalateTo { get; init; }

    /// <summary>
    /// Outcome by which it completes itself when due; null to leave it open. Unless it is among <see cref="Outcomes"/>
    /// too, nobody can choose it: that nothing came in time is for the clock to say.
    /// </summary>
    public string? OutcomeWhenDue { get; init; }

    /// <summary>To whom it was delegated before, oldest first.</summary>
    public ImmutableArray<Delegated> Delegations { get; init; } = [];

    /// <summary>How a task is written into the payload of its bookmark.</summary>
    public static JsonContract<HumanTaskState> Contract { get; } = new(TaskJson.Plain.HumanTaskState);

    /// <summary>When time alone changes the task next; null when it does not.</summary>
    [JsonIgnore]
    public DateTimeOffset? WakeAt => WarnAt ?? (IsOverdue ? null : Deadline?.DueAt);
}

/// <summary>A handing-on of a task.</summary>
/// <param name="From">Role that had it.</param>
/// <param name="To">Role that got it.</param>
/// <param name="By">Who handed it on.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why; null when not stated.</param>
public sealed record Delegated(string From, string To, string By, DateTimeOffset At, string? Reason);

/// <summary>Data that completing a task carries, written as <c>name:type</c>, with <c>?</c> when it may be left out.</summary>
/// <param name="Name">Member of the data.</param>
/// <param name="Type">text, date, instant, number, boolean or list.</param>
/// <param name="IsOptional">Whether it may be left out.</param>
public sealed record TaskField(string Name, string Type, bool IsOptional)
{
    /// <summary>Another date that this one may not lie before; null for none.</summary>
    public string? NotBefore { get; init; }

    /// <summary>Whether this date may not lie in the future.</summary>
    public bool IsNotInFuture { get; init; }

    /// <summary>Types of fields.</summary>
    public static readonly ImmutableArray<string> Types = ["text", "date", "instant", "number", "boolean", "list"];
}

/// <summary>How tasks are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(HumanTaskState))]
[JsonSerializable(typeof(PendingConsent))]
internal sealed partial class TaskJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    internal static TaskJson Plain => field ??= new(PlainJson.Of(Default.Options));
}

/// <summary>What a request for consent remembers while the case records the answer.</summary>
internal sealed class PendingConsent
{
    public static readonly JsonContract<PendingConsent> Contract = new(TaskJson.Plain.PendingConsent);

    public string Outcome { get; set; } = "";

    public JsonElement Data { get; set; } = JsonValues.Null;

    public string By { get; set; } = "";

    public DateTimeOffset At { get; set; }
}
