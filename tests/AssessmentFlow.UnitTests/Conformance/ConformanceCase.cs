using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.UnitTests.Conformance;

/// <summary>
/// A recorded case: a definition, stimuli, and what is expected of each flowchart mode. Two layouts are read. With
/// <c>steps.json</c> the stimuli are written down; without it the definition is started with the input of
/// <c>run.json</c> and whatever it waits for is resumed at once, as often as the expectation has steps.
/// </summary>
internal sealed class ConformanceCase(string source, string folder)
{
    /// <summary>Name of the folder.</summary>
    public string Name { get; } = Path.GetFileName(folder);

    /// <summary>Where the case comes from, and its name.</summary>
    public string Label => $"{source}/{Name}";

    public bool HasWrittenStimuli { get; } = File.Exists(Path.Combine(folder, "steps.json"));

    public JsonElement Definition { get; } = Read(Path.Combine(folder, "definition.json"));

    /// <summary>Definitions to publish first.</summary>
    public IEnumerable<JsonElement> Dependencies() =>
        Directory.EnumerateFiles(folder, "dep-*.json").Order(StringComparer.Ordinal).Select(Read);

    public JsonElement Expected(FlowchartMode mode) =>
        Read(Path.Combine(folder, mode is FlowchartMode.TokenBased ? "expected.token.json" : "expected.counter.json"));

    /// <summary>The stimuli in order.</summary>
    /// <param name="expected">The expectation, which says how often a case without written stimuli is resumed.</param>
    public IEnumerable<JsonElement> Stimuli(JsonElement expected)
    {
        if (HasWrittenStimuli)
        {
            return [.. Read(Path.Combine(folder, "steps.json")).GetProperty("steps").EnumerateArray()];
        }

        var resume = JsonValues.Object(("op", JsonValues.Of("resume")));
        var start = JsonValues.Object(("op", JsonValues.Of("start")), ("input", RunInput()));
        return Enumerable.Repeat(resume, expected.GetProperty("steps").GetArrayLength() - 1).Prepend(start);
    }

    /// <summary><c>run.json</c> holds the arguments of a command line: the input is the text after <c>--input</c>.</summary>
    private JsonElement RunInput()
    {
        var file = Path.Combine(folder, "run.json");
        if (!File.Exists(file))
        {
            return JsonValues.EmptyObject;
        }

        string[] arguments = [.. Read(file).GetProperty("args").EnumerateArray().Select(argument => argument.GetString()!)];
        return JsonElement.Parse(arguments[Array.IndexOf(arguments, "--input") + 1]);
    }

    private static JsonElement Read(string file) => JsonElement.Parse(File.ReadAllBytes(file));
}
