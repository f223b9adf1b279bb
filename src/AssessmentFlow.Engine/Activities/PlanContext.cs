using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>What an activity sees of the document while the definition is read.</summary>
internal sealed class PlanContext(
    ActivityNode node,
    JsonElement json,
    FlowchartMode flowchartMode,
    Func<JsonElement, string, string, ActivityNode?> readChild,
    List<DefinitionProblem> problems,
    List<DefinitionProblem> warnings)
{
    /// <summary>The activity that is read; its children and inputs are already there.</summary>
    public ActivityNode Node => node;

    /// <summary>The activity as it stands in the document.</summary>
    public JsonElement Json => json;

    /// <summary>How flowcharts of the definition follow connections.</summary>
    public FlowchartMode FlowchartMode => flowchartMode;

    public void Report(string path, string code, string message) => problems.Add(new DefinitionProblem(path, code, message, node.Label));

    /// <summary>Says something that the author should know, but that does not keep the definition from running.</summary>
    public void Warn(string path, string code, string message) => warnings.Add(new DefinitionProblem(path, code, message, node.Label));

    /// <summary>Says something of a child.</summary>
    /// <param name="child">The child.</param>
    /// <param name="member">What follows the path of the child; empty when the child as a whole is meant.</param>
    /// <param name="code">Stable name of the kind of warning.</param>
    /// <param name="message">What is odd, and what follows from it.</param>
    public void Warn(ActivityNode child, string member, string code, string message) =>
        warnings.Add(new DefinitionProblem(child.Path + member, code, message, child.Label));

    /// <summary>Says of an input that its author set that it does nothing here: nobody should count on it.</summary>
    /// <param name="input">Name of the input.</param>
    /// <param name="why">Why not, and what to do instead.</param>
    public void WarnWithoutEffect(string input, string why)
    {
        if (node.Inputs.GetValueOrDefault(input) is { IsBlank: false })
        {
            Warn(node.PathOf(input), "input-without-effect", $"The input {input} has no effect here: {why}");
        }
    }

    public InputExpression? ReadExpression(JsonElement expression, string typeName, string path)
    {
        var read = ExpressionReader.Read(expression, typeName, path, Report);
        node.PlannedExpressions = read is null ? node.PlannedExpressions : node.PlannedExpressions.Add(read);
        return read;
    }

    /// <summary>Reads an activity that is embedded in a property of this one.</summary>
    public ActivityNode? ReadChild(JsonElement child, string path, string port) => readChild(child, path, port);
}
