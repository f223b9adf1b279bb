using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Marks;
using NodaTime;

namespace AssessmentFlow.Server.Api;

/// <summary>Opens a case.</summary>
/// <param name="Title">What people call the case.</param>
/// <param name="State">The State to be assessed.</param>
/// <param name="Regime">Id of the regime.</param>
/// <param name="Id">Identity of the case; made up when left out. Letters, digits and dashes, 1 to 64.</param>
/// <param name="VisitType">Kind of visit, as the regime names it.</param>
/// <param name="VisitFrom">First day of the visit, when known.</param>
/// <param name="VisitTo">Last day of the visit, when known.</param>
/// <param name="Synthetic">For a case that is not a real one: why it was made.</param>
public sealed record OpenAssessment(
    string Title, AssessedState State, string Regime, string? Id = null, string? VisitType = null, LocalDate? VisitFrom = null, LocalDate? VisitTo = null, string? Synthetic = null);

/// <summary>Says who visits.</summary>
/// <param name="Members">Organisations taking part.</param>
/// <param name="Leader">Who leads.</param>
public sealed record ComposeDelegation(ImmutableArray<DelegationMemberBody> Members, string? Leader = null);

/// <summary>An organisation that takes part in a visit.</summary>
/// <param name="Agency">Its name.</param>
/// <param name="Areas">What it reviews.</param>
/// <param name="Representative">Who represents it.</param>
public sealed record DelegationMemberBody(string Agency, ImmutableArray<string>? Areas = null, string? Representative = null);

/// <summary>Writes a chapter.</summary>
/// <param name="Text">The text, as Markdown.</param>
/// <param name="Mark">Its handling mark.</param>
public sealed record WriteChapter(string Text, Mark? Mark = null);

/// <summary>Moves a review on.</summary>
/// <param name="Reason">Why; needed to return a chapter.</param>
public sealed record MoveReview(string? Reason = null);

/// <summary>Completes a task.</summary>
/// <param name="Outcome">One of the outcomes of the task.</param>
/// <param name="Data">The data that its fields ask for.</param>
/// <param name="OnBehalfOf">For the secretariat: the State whose answer on paper it records.</param>
/// <param name="Result">For a task of another system: what it reports.</param>
public sealed record CompleteTask(string? Outcome = null, JsonElement? Data = null, string? OnBehalfOf = null, JsonElement? Result = null);

/// <summary>Hands a task on.</summary>
/// <param name="To">A role, or <c>user:</c> and the id of a client.</param>
/// <param name="Reason">Why.</param>
public sealed record DelegateTask(string To, string? Reason = null);

/// <summary>Objects to a text under silence.</summary>
/// <param name="Seat">For which seat; may be left out by a client that holds one.</param>
/// <param name="Text">The objection.</param>
public sealed record SilenceObjection(string? Seat = null, string? Text = null);

/// <summary>Holds a text under silence: the clock stands still.</summary>
/// <param name="Seat">For which seat; may be left out by a client that holds one.</param>
/// <param name="Reason">Why.</param>
/// <param name="LapsesAt">When the hold ends by itself.</param>
public sealed record SilenceHold(string? Seat = null, string? Reason = null, DateTimeOffset? LapsesAt = null);

/// <summary>Lifts a hold.</summary>
/// <param name="Seat">For which seat; may be left out by a client that holds one, and by the secretariat.</param>
public sealed record SilenceLift(string? Seat = null);

/// <summary>Moves the expiry of a silence procedure.</summary>
/// <param name="ExpiresAt">The new, later instant.</param>
/// <param name="Reason">Why.</param>
public sealed record SilenceExtension(DateTimeOffset ExpiresAt, string Reason);

/// <summary>Withdraws a text under silence.</summary>
/// <param name="Reason">Why.</param>
public sealed record SilenceWithdrawal(string Reason);

/// <summary>Publishes an event.</summary>
/// <param name="Name">Name of the event.</param>
/// <param name="Payload">What it carries.</param>
/// <param name="CorrelationId">When given, only instances with this business identity are meant.</param>
public sealed record PublishSignal(string Name, JsonElement? Payload = null, string? CorrelationId = null);

/// <summary>Sends an event to one instance.</summary>
/// <param name="Name">Name of the event.</param>
/// <param name="Payload">What it carries.</param>
public sealed record SignalInstance(string Name, JsonElement? Payload = null);

/// <summary>Starts an instance.</summary>
/// <param name="DefinitionId">The workflow; its published version is taken.</param>
/// <param name="Input">Its inputs, by name.</param>
/// <param name="CorrelationId">Its business identity.</param>
/// <param name="Name">Its display name.</param>
public sealed record StartInstance(string DefinitionId, OrderedDictionary<string, JsonElement>? Input = null, string? CorrelationId = null, string? Name = null);

/// <summary>Cancels an instance.</summary>
/// <param name="Reason">Why.</param>
public sealed record CancelInstance(string Reason);

/// <summary>Publishes a version of a workflow.</summary>
/// <param name="Note">Why.</param>
/// <param name="Version">The version; the newest when left out.</param>
public sealed record PublishWorkflow(string Note, int? Version = null);

/// <summary>How requests are read: what is not known is refused, what is needed must be there.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(LocalDateConverter), typeof(InstantConverter)])]
[JsonSerializable(typeof(OpenAssessment))]
[JsonSerializable(typeof(ComposeDelegation))]
[JsonSerializable(typeof(WriteChapter))]
[JsonSerializable(typeof(MoveReview))]
[JsonSerializable(typeof(CompleteTask))]
[JsonSerializable(typeof(DelegateTask))]
[JsonSerializable(typeof(SilenceObjection))]
[JsonSerializable(typeof(SilenceHold))]
[JsonSerializable(typeof(SilenceLift))]
[JsonSerializable(typeof(SilenceExtension))]
[JsonSerializable(typeof(SilenceWithdrawal))]
[JsonSerializable(typeof(PublishSignal))]
[JsonSerializable(typeof(SignalInstance))]
[JsonSerializable(typeof(StartInstance))]
[JsonSerializable(typeof(CancelInstance))]
[JsonSerializable(typeof(PublishWorkflow))]
internal sealed partial class ApiJson : JsonSerializerContext;
