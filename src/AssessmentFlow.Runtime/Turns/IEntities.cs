namespace AssessmentFlow.Runtime.Turns;

/// <summary>Hands inputs to entities, wherever they are.</summary>
public interface IEntities
{
    /// <summary>Hands an input to an entity.</summary>
    Task<TurnAnswer> HandleAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken = default);
}
