using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>The face of a type of activity: what authors and Studio know of it.</summary>
public sealed record ActivityDescriptor
{
    /// <summary>Full type name as it stands in definitions, such as <c>Elsa.WriteLine</c>.</summary>
    public required string TypeName { get; init; }

    /// <summary>Group in the palette.</summary>
    public required string Category { get; init; }

    /// <summary>Name in the palette.</summary>
    public required string DisplayName { get; init; }

    /// <summary>What the activity does, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>How the activity takes part in a run.</summary>
    public ActivityKind Kind { get; init; }

    /// <summary>Inputs in the order in which they are evaluated and shown.</summary>
    public ImmutableArray<InputDescriptor> Inputs { get; init; } = [];

    /// <summary>Outputs.</summary>
    public ImmutableArray<OutputDescriptor> Outputs { get; init; } = [];

    /// <summary>Outcomes that connections may start from; empty means <c>Done</c>.</summary>
    public ImmutableArray<string> FlowPorts { get; init; } = [];

    /// <summary>Properties that hold one embedded activity each.</summary>
    public ImmutableArray<string> EmbeddedPorts { get; init; } = [];

    /// <summary>Whether the activity holds a list of activities.</summary>
    public bool IsContainer { get; init; }

    /// <summary>Whether completing it ends the container around it.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether a flowchart starts with it.</summary>
    public bool IsStart { get; init; }

    /// <summary>Whether the palette shows it.</summary>
    public bool IsBrowsable { get; init; } = true;

    /// <summary>Version of the type; definitions name it.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Whether an input must not be shown in the journal.</summary>
    internal bool HasSensitiveInputs
    {
        get
        {
            foreach (var input in Inputs)
            {
                if (input.IsSensitive)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The input of that name.</summary>
    public InputDescriptor Input(string name)
    {
        foreach (var input in Inputs)
        {
            if (input.Name == name)
            {
                return input;
            }
        }

        throw new ArgumentException($"{TypeName} has no input {name}.", nameof(name));
    }
}

/// <summary>How an activity takes part in a run.</summary>
public enum ActivityKind
{
    /// <summary>Runs inside the turn.</summary>
    Action = 0,

    /// <summary>May also start a workflow.</summary>
    Trigger = 1,

    /// <summary>Asks something of the world outside the turn and waits for the answer.</summary>
    Task = 2,
}

/// <summary>An input of an activity.</summary>
/// <param name="Name">Name in Pascal case; the document has it in camel case.</param>
/// <param name="TypeName">Elsa's type alias.</param>
/// <param name="Description">What it means, with unit.</param>
public sealed record InputDescriptor(string Name, string TypeName, string Description)
{
    /// <summary>Name shown to authors; the name itself when null.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Editor that Studio shows.</summary>
    public string UiHint { get; init; } = "singleline";

    /// <summary>The editor that chooses a workflow by its id.</summary>
    public const string WorkflowPicker = "workflow-definition-picker";

    /// <summary>Value when the author leaves it empty.</summary>
    public JsonElement Default { get; init; } = JsonValues.Null;

    /// <summary>Whether the document wraps the value in an expression.</summary>
    public bool IsWrapped { get; init; } = true;

    /// <summary>Whether it is evaluated when the activity begins, and not only when the activity asks for it.</summary>
    public bool IsEvaluatedAtStart { get; init; } = true;

    /// <summary>
    /// Whether what cannot be read in it only keeps a definition from being published. An input that was added when definitions
    /// were in force already may hold anything there: they go on as they did, without it.
    /// </summary>
    public bool IsJudgedAtPublication { get; init; }

    /// <summary>Whether a definition without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether neither journal nor incidents show it: a key or a password.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>Values to choose from; empty when any value is allowed.</summary>
    public ImmutableArray<string> Options { get; init; } = [];

    /// <summary>Whether the values to choose from are only the usual ones, and any other may be written as well.</summary>
    public bool AllowsOtherValues { get; init; }

    /// <summary>What its values stand for beyond their type; null when nothing more can be said of them.</summary>
    public InputKind? Kind { get; init; }

    /// <summary>Expression type that Studio offers first; null for the editor of the hint.</summary>
    public string? DefaultSyntax { get; init; }
}

/// <summary>An output of an activity.</summary>
/// <param name="Name">Name in Pascal case.</param>
/// <param name="TypeName">Elsa's type alias.</param>
/// <param name="Description">What it holds.</param>
public sealed record OutputDescriptor(string Name, string TypeName, string Description);
