using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Worlds;

/// <summary>
/// A case file of a shipped workflow (<c>workflows/&lt;name&gt;/cases/*.json</c>): what is done, in order, and what is
/// expected to follow. It is a sample of the workflow, a test of it, and a document of it.
/// </summary>
/// <remarks>
/// <para>The file is one JSON object. An unknown member anywhere is an error.</para>
/// <list type="table">
/// <item><term><c>title</c></term><description>What the case shows, as a sentence.</description></item>
/// <item><term><c>basis</c></term><description>What in it is taken from a source, and that the rest is synthetic.</description></item>
/// <item><term><c>after</c></term><description>Name of another case of the folder whose steps come first; what this file
/// leaves out of the members below is taken from it. Left out: none.</description></item>
/// <item><term><c>at</c></term><description>The instant at which the clock stands first.</description></item>
/// <item><term><c>assessment</c></term><description><c>id</c>, <c>state</c> (ISO code), <c>stateName</c>, <c>regime</c>,
/// <c>agencies</c> of the delegation (left out: none), and <c>settings</c> by name, which stand in for those of the
/// shipped regime (left out: the shipped ones).</description></item>
/// <item><term><c>workflows</c></term><description>The shipped workflows that are published (left out: all).</description></item>
/// <item><term><c>steps</c></term><description>Each does one thing, <c>do</c>, and may say what follows, <c>expect</c>.
/// With <c>refused</c> the thing must be refused with that code; without it, it must not be.</description></item>
/// </list>
/// <para>
/// What can be done. <c>as</c> is the role of whoever does it, or a list of roles. Messages are delivered and due timers
/// fired before the next step.
/// </para>
/// <list type="table">
/// <item><term><c>open</c></term><description>Opens the case, with its delegation when it has agencies.</description></item>
/// <item><term><c>compose</c></term><description>Writes the delegation: <c>agencies</c>.</description></item>
/// <item><term><c>start</c></term><description>Starts <c>workflow</c> for the case with <c>input</c>.</description></item>
/// <item><term><c>complete</c>, <c>claim</c>, <c>release</c>, <c>delegate</c></term><description>Acts on the open task of
/// the activity <c>task</c>; <c>agency</c> says whose, when there are several. <c>outcome</c>, <c>data</c>, <c>to</c>,
/// <c>onBehalfOf</c> as in the API.</description></item>
/// <item><term><c>object</c>, <c>hold</c>, <c>lift</c>, <c>extend</c>, <c>withdraw</c></term><description>Acts on the last
/// silence procedure; a role <c>seat:</c> acts for that seat. <c>text</c>, <c>until</c>.</description></item>
/// <item><term><c>acknowledge</c></term><description>Acknowledges the copy of the seat of <c>as</c> in the last
/// circulation; <c>seat:*</c> acknowledges all that are left.</description></item>
/// <item><term><c>assign</c></term><description>Asks <c>agency</c> for its review, due at <c>until</c>, without the case asking.</description></item>
/// <item><term><c>write</c></term><description>Writes the chapter of <c>agency</c>: <c>text</c>.</description></item>
/// <item><term><c>sign-off</c>, <c>return</c>, <c>accept</c></term><description>Moves the chapter of <c>agency</c> on; <c>text</c> is the reason.</description></item>
/// <item><term><c>put</c></term><description>Writes an item: <c>kind</c>, <c>id</c>, <c>body</c>.</description></item>
/// <item><term><c>advance</c></term><description>Moves the clock <c>by</c> a span or <c>until</c> an instant, firing timers on the way.</description></item>
/// </list>
/// <para>What can be expected, after the step.</para>
/// <list type="table">
/// <item><term><c>phase</c></term><description>The phase of the case.</description></item>
/// <item><term><c>phases</c></term><description>Every phase entered since the case was opened.</description></item>
/// <item><term><c>tasks</c></term><description>The open tasks, all of them, each as <c>role: activity</c>.</description></item>
/// <item><term><c>facts</c></term><description>Facts that the step added to the journal of the case, in this order,
/// others in between allowed. Of a fact the members given must match.</description></item>
/// <item><term><c>case</c></term><description>Members of the stored state of the case. Lists match in length and order.</description></item>
/// <item><term><c>reviews</c></term><description>By agency the status of its review, with <c>, annexed</c> where it came late.</description></item>
/// <item><term><c>copiesTo</c></term><description>The recipients of the last circulation, in the order of their copies.</description></item>
/// <item><term><c>status</c></term><description>Sub status of the instance of the workflow that the file belongs to.</description></item>
/// <item><term><c>outputs</c></term><description>Outputs of that instance.</description></item>
/// </list>
/// <para>After every step no instance may have an incident or wait for nothing.</para>
/// </remarks>
public sealed record WorkflowCase
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public required string Title { get; init; }

    public required string Basis { get; init; }

    public string? After { get; init; }

    public DateTimeOffset? At { get; init; }

    public CaseHeader? Assessment { get; init; }

    public ImmutableArray<string>? Workflows { get; init; }

    public required ImmutableArray<CaseStep> Steps { get; init; }

    /// <summary>Reads a case file, with the cases that it goes on from.</summary>
    /// <exception cref="InvalidOperationException">The file is no case, and why.</exception>
    public static WorkflowCase Read(string path)
    {
        WorkflowCase file;
        try
        {
            file = JsonSerializer.Deserialize<WorkflowCase>(File.ReadAllBytes(path), Options)!;
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{path}: {e.Message}", e);
        }

        if (file.After is not null)
        {
            var before = Read(Path.Combine(Path.GetDirectoryName(path)!, file.After + ".json"));
            file = file with
            {
                At = file.At ?? before.At,
                Assessment = file.Assessment ?? before.Assessment,
                Workflows = file.Workflows ?? before.Workflows,
                Steps = [.. before.Steps, .. file.Steps],
            };
        }

        return file.At is null || file.Assessment is null
            ? throw new InvalidOperationException($"{path}: a case has \"at\" and \"assessment\", of its own or from the case that it goes on from.")
            : file;
    }
}

/// <summary>The case of a case file.</summary>
public sealed record CaseHeader(
    string Id, string State, string StateName, string Regime, ImmutableArray<string>? Agencies = null, Dictionary<string, JsonElement>? Settings = null)
{
    /// <summary>The regime with the settings of the case file.</summary>
    public Regime Under(Regime regime) => Settings is null
        ? regime
        : regime with
        {
            Settings = Settings.ToImmutableSortedDictionary(
                setting => setting.Key, setting => new RegimeSetting(setting.Value, "Setting of the case file."), StringComparer.Ordinal),
        };
}

/// <summary>A step of a case file.</summary>
public sealed record CaseStep
{
    public required string Do { get; init; }

    public JsonElement As { get; init; }

    public string? Task { get; init; }

    public string? Agency { get; init; }

    public ImmutableArray<string>? Agencies { get; init; }

    public string? Workflow { get; init; }

    public JsonElement Input { get; init; }

    public string? Outcome { get; init; }

    public JsonElement Data { get; init; }

    public string? To { get; init; }

    public string? OnBehalfOf { get; init; }

    public string? Text { get; init; }

    public string? By { get; init; }

    public DateTimeOffset? Until { get; init; }

    public string? Kind { get; init; }

    public string? Id { get; init; }

    public JsonElement Body { get; init; }

    public string? Refused { get; init; }

    public CaseExpectation? Expect { get; init; }

    /// <summary>Who acts: the roles of <see cref="As"/>, or the given one.</summary>
    public Actor Actor(string otherwise = Roles.Secretariat)
    {
        ImmutableArray<string> roles = As.ValueKind is JsonValueKind.Array
            ? [.. As.EnumerateArray().Select(role => role.GetString()!)]
            : [As.AsText() ?? otherwise];
        return new Actor(roles[0].Replace(':', '-').Replace(' ', '-').ToLowerInvariant(), roles);
    }
}

/// <summary>What is expected after a step of a case file.</summary>
public sealed record CaseExpectation(
    string? Phase = null,
    ImmutableArray<string>? Phases = null,
    ImmutableArray<string>? Tasks = null,
    ImmutableArray<JsonElement>? Facts = null,
    JsonElement Case = default,
    Dictionary<string, string>? Reviews = null,
    ImmutableArray<string>? CopiesTo = null,
    string? Status = null,
    JsonElement Outputs = default);
