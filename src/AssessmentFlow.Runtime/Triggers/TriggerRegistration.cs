using System.Text.Json;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Triggers;

/// <summary>
/// Keeps the triggers of workflows in step with what is published. The catalogue and the journal do not share a
/// transaction; therefore a publication is announced before it is made. Whoever dies in between leaves an announcement
/// behind, by which the set of triggers looks by itself.
/// </summary>
public sealed class TriggerRegistration(IEntities entities)
{
    private const string Actor = "catalogue";

    /// <summary>Says that a version is about to be published.</summary>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="key">Identity of the request.</param>
    public Task AnnounceAsync(string definitionId, string key) => SendAsync(definitionId, new TriggerInput.Announce(key));

    /// <summary>Registers the triggers of the version that is published now in place of those before. Nothing happens when they are registered already.</summary>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="key">Identity of the request that was announced.</param>
    public Task FollowAsync(string definitionId, string key) => SendAsync(definitionId, new TriggerInput.Follow(key));

    /// <summary>Each sending is an input of its own: what it does depends on what is published then, and doing it again does nothing.</summary>
    private Task<TurnAnswer> SendAsync(string definitionId, TriggerInput input) => entities.HandleAsync(
        new EntityId(EntityKinds.TriggerSet, definitionId),
        new Envelope
        {
            InputId = $"{EntityKinds.TriggerSet}/{Guid.CreateVersion7():n}",
            Input = JsonSerializer.SerializeToUtf8Bytes(input, TriggerJson.Plain.TriggerInput),
            Actor = Actor,
        });
}
