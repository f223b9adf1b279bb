namespace AssessmentFlow.Runtime.Turns;

/// <summary>Identity of a durable thing: its kind and its key within the kind.</summary>
/// <param name="Kind">One of <see cref="EntityKinds"/>.</param>
/// <param name="Key">Key within the kind.</param>
[GenerateSerializer]
[Immutable]
public readonly record struct EntityId([property: Id(0)] string Kind, [property: Id(1)] string Key)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is no entity id.</exception>
    public static EntityId Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? new EntityId(text[..slash], text[(slash + 1)..]) : throw new FormatException($"'{text}' is no entity id.");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Key}";
}

/// <summary>Kinds of entities.</summary>
public static class EntityKinds
{
    /// <summary>A workflow instance.</summary>
    public const string Instance = "instance";

    /// <summary>A country assessment.</summary>
    public const string Assessment = "assessment";

    /// <summary>An agency's review.</summary>
    public const string Review = "review";

    /// <summary>A published signal on its way to whoever waits for it.</summary>
    public const string Signal = "signal";

    /// <summary>What starts instances of a workflow; its key is the id of the workflow.</summary>
    public const string TriggerSet = "trigger-set";
}
