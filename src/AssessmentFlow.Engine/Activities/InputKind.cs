using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// What the values of an input stand for beyond their type, such as a role or a roster. An input names its kind once,
/// in its descriptor: from there come both the check of what an author fixed and the values that an editor offers.
/// </summary>
public abstract class InputKind
{
    /// <summary>Name of the kind, in kebab case.</summary>
    public abstract string Name { get; }

    /// <summary>The values that there are at a place; empty when they cannot be listed.</summary>
    public virtual ImmutableArray<string> ChoicesAt(InputPlace place) => [];

    /// <summary>Says what is wrong with a value that an author fixed.</summary>
    /// <param name="value">The value; never empty. Each entry of a list is asked about by itself.</param>
    /// <param name="place">Where it stands.</param>
    /// <returns>Null when nothing is wrong, or when it cannot be told before the run.</returns>
    public abstract InputFlaw? Check(string value, InputPlace place);
}

/// <summary>What is wrong with a value.</summary>
/// <param name="Code">Stable name of the kind of problem, in kebab case; the one that a run would fault with.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record InputFlaw(string Code, string Message);

/// <summary>Where the value of an input stands.</summary>
public sealed class InputPlace
{
    private readonly ActivityNode? _node;

    internal InputPlace(string definitionId, ActivityNode node, Surroundings? surroundings)
    {
        DefinitionId = definitionId;
        _node = node;
        Surroundings = surroundings;
    }

    private InputPlace(Surroundings surroundings)
    {
        DefinitionId = "";
        Surroundings = surroundings;
    }

    /// <summary>Identity of the workflow over all its versions; empty when it is no workflow in particular.</summary>
    public string DefinitionId { get; }

    /// <summary>Reference data as it stands now; null when it is not known.</summary>
    public Surroundings? Surroundings { get; }

    /// <summary>Wherever an author may put the activity: what an editor offers before anything is drawn.</summary>
    public static InputPlace Anywhere(Surroundings surroundings) => new(surroundings);

    /// <summary>
    /// The texts of an input of the same activity as the author fixed them, or those of its default when it was left
    /// empty; null when they are not known before the run. Empty ones are left out, as in a run.
    /// </summary>
    public ImmutableArray<string>? Fixed(string input)
    {
        if (_node is null)
        {
            return null;
        }

        var descriptor = _node.Activity.Descriptor.Input(input);
        if (!_node.Inputs.TryGetValue(input, out var expression))
        {
            return ValueConversion.TextsOf(descriptor.Default);
        }

        return expression.FixedValue is { } value && ValueConversion.TryConvert(value, descriptor.TypeName, isArray: false, out var converted)
            ? ValueConversion.TextsOf(converted)
            : null;
    }
}
