using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Sets a variable.</summary>
internal sealed class SetVariable : Activity
{
    public const string Value = "Value";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.SetVariable",
        Category = "Primitives",
        DisplayName = "Set Variable",
        Description = "Gives a variable a new value, converted to its type.",
        Inputs =
        [
            new("Variable", "Object", "The variable.") { IsWrapped = false, UiHint = "variable-picker", IsRequired = true },
            new(Value, "Object", "Its new value."),
        ],
    };

    internal override object? Plan(PlanContext context)
    {
        var json = context.Node.RawInputs.GetValueOrDefault("Variable");
        var id = json.Member("id").AsText() ?? json.AsText();
        for (var at = context.Node; at is not null; at = at.Parent)
        {
            if (at.Variables.Any(variable => variable.Id == id))
            {
                return id;
            }
        }

        context.Report(
            $"{context.Node.Path}.variable",
            "variable-unknown",
            $"There is no variable with the id '{id}' here; declare it on the workflow or on a container around this activity.");
        return null;
    }

    public override void Execute(ActivityContext context)
    {
        context.Scope.TrySetVariableById((string)context.Node.Plan!, context.Input(Value));
        context.Complete();
    }
}

/// <summary>Sets an output of the workflow.</summary>
internal sealed class SetOutput : Activity
{
    public const string OutputName = "OutputName";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.SetOutput",
        Category = "Composition",
        DisplayName = "Set Output",
        Description = "Gives an output of the workflow a value.",
        Inputs =
        [
            new(OutputName, "String", "Name of the output.") { UiHint = "output-picker", IsRequired = true },
            new("OutputValue", "Object", "Its value."),
        ],
    };

    public override void Execute(ActivityContext context)
    {
        context.SetWorkflowOutput(context.RequiredText(OutputName), context.Input("OutputValue"));
        context.Complete();
    }
}

/// <summary>Names the instance.</summary>
internal sealed class SetName : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.SetName",
        Category = "Primitives",
        DisplayName = "Set Name",
        Description = "Gives the instance a display name.",
        Inputs = [new("Value", "String", "The name.")],
    };

    public override void Execute(ActivityContext context)
    {
        context.Rename(context.Text("Value"));
        context.Complete();
    }
}

/// <summary>Sets the business identity of the instance.</summary>
internal sealed class Correlate : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Correlate",
        Category = "Primitives",
        DisplayName = "Correlate",
        Description = "Sets the correlation id of the instance: events that name it reach this instance.",
        Inputs = [new("CorrelationId", "String", "The business identity.")],
    };

    public override void Execute(ActivityContext context)
    {
        context.Correlate(context.Key("CorrelationId"));
        context.Complete();
    }
}

/// <summary>Records a line.</summary>
internal sealed class WriteLine : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.WriteLine",
        Category = "Console",
        DisplayName = "Write Line",
        Description = "Records a line of text in the journal of the instance.",
        Inputs = [new("Text", "String", "The line.")],
    };

    public override void Execute(ActivityContext context)
    {
        var text = ValueConversion.ToText(context.Input("Text")) ?? "";
        if (text.Length > EngineLimits.LineLengthMaxCharacters)
        {
            throw new ActivityFaultException("line-too-long", $"A line may have {EngineLimits.LineLengthMaxCharacters} characters; this one has {text.Length}.");
        }

        context.WriteLine(text);
        context.Complete();
    }
}

/// <summary>Faults on purpose.</summary>
internal sealed class Fault : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Fault",
        Category = "Primitives",
        DisplayName = "Fault",
        Description = "Faults with a code and a message of the author's.",
        Inputs =
        [
            new("Code", "String", "Code of the fault.") { Default = JsonValues.Of("0") },
            new("Category", "String", "Category of the fault.") { Default = JsonValues.Of("General") },
            new("FaultType", "String", "Type of the fault: System, Business, Integration.") { DisplayName = "Type", Default = JsonValues.Of("System") },
            new("Message", "String", "What went wrong."),
        ],
    };

    internal override bool LeadsNowhere => true;

    public override void Execute(ActivityContext context) =>
        throw new ActivityFaultException(context.Text("Code") ?? "0", context.Text("Message") ?? "");
}
