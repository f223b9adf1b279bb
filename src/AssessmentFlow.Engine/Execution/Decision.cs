using System.Collections.Immutable;

namespace AssessmentFlow.Engine.Execution;

/// <summary>What pure code makes of one input. Storage and cluster failures are not decisions: they throw.</summary>
/// <typeparam name="TState">State of the entity.</typeparam>
/// <typeparam name="TFact">What the journal records.</typeparam>
/// <typeparam name="TEffect">What is told to others after the commit.</typeparam>
public abstract record Decision<TState, TFact, TEffect>
{
    private Decision()
    {
    }

    /// <summary>The input changes the entity. Applying the facts to the old state gives exactly this state.</summary>
    /// <param name="State">State after the turn.</param>
    /// <param name="Facts">What happened, in order.</param>
    /// <param name="Effects">What to tell others once the facts are committed.</param>
    public sealed record Accepted(TState State, ImmutableArray<TFact> Facts, ImmutableArray<TEffect> Effects)
        : Decision<TState, TFact, TEffect>;

    /// <summary>The input may not be applied; nothing changes.</summary>
    /// <param name="Refusal">Why, and how to mend it.</param>
    public sealed record Refused(Refusal Refusal) : Decision<TState, TFact, TEffect>;

    /// <summary>The input has nothing left to do here, such as a timer of something already finished.</summary>
    public sealed record Ignored : Decision<TState, TFact, TEffect>;
}

/// <summary>Why an input was refused, in words for whoever sent it.</summary>
/// <param name="Kind">The class of refusal; faces map it to their own codes.</param>
/// <param name="Code">Stable machine-readable name, in kebab case.</param>
/// <param name="Message">What was wrong and how to mend it.</param>
/// <param name="Path">JSON path or pointer of the offending member of the request; null when the whole is meant.</param>
public sealed record Refusal(RefusalKind Kind, string Code, string Message, string? Path = null);

/// <summary>Classes of refusal.</summary>
public enum RefusalKind
{
    /// <summary>The request itself is wrong, whatever the state.</summary>
    Invalid = 0,

    /// <summary>The thing does not exist, or not for this actor.</summary>
    NotFound = 1,

    /// <summary>The state does not allow it.</summary>
    Conflict = 2,

    /// <summary>The caller looked at an older version.</summary>
    Stale = 3,

    /// <summary>The actor may not do this.</summary>
    Forbidden = 4,
}

/// <summary>When and as what a turn happens: everything that pure code may not find out by itself.</summary>
/// <param name="Now">Server time of the turn; all of a turn happens at one instant.</param>
/// <param name="Version">The version that the entity has after the turn, if it is committed.</param>
/// <param name="Surroundings">Reference data as it stood when the turn began; null when the turn needs none.</param>
public readonly record struct Moment(DateTimeOffset Now, long Version, Surroundings? Surroundings = null);

/// <summary>
/// Reference data that a turn may look at, such as calendars. What a decision takes from it is recorded in its facts.
/// </summary>
public abstract record Surroundings;

/// <summary>Who asks. Roles are those of the API: <c>secretariat</c>, <c>agency:IOM</c>, <c>seat:France</c> and so on.</summary>
/// <param name="Id">Identity of the API client or system part.</param>
/// <param name="Roles">Roles held at the time of the request.</param>
public sealed record Actor(string Id, ImmutableArray<string> Roles)
{
    /// <summary>Role of the system itself; no client can hold it.</summary>
    public const string SystemRole = "system";

    /// <summary>The system itself: timers, effects, start-up.</summary>
    public static readonly Actor System = new("system", [SystemRole]);

    /// <summary>Whether the actor holds the role.</summary>
    public bool Has(string role) => Roles.Contains(role, StringComparer.Ordinal);

    /// <summary>The names behind a role prefix: the seats of <c>seat:</c>, the agencies of <c>agency:</c>.</summary>
    public IEnumerable<string> Names(string prefix) =>
        Roles.Where(role => role.StartsWith(prefix, StringComparison.Ordinal)).Select(role => role[prefix.Length..]);
}
