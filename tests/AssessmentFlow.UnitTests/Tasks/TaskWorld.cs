using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Tasks;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Activities;

namespace AssessmentFlow.UnitTests.Tasks;

/// <summary>One human task in a workflow that writes the outcome it was completed with.</summary>
internal sealed class TaskWorld
{
    public static readonly Actor Leader = new("leader-1", [Roles.MissionLeader]);
    public static readonly Actor OtherLeader = new("leader-2", [Roles.MissionLeader]);
    public static readonly Actor Secretariat = LoneCase.Secretariat;

    private readonly CaseWorld _world = new(Repository.ShippedReference(), LoneCase.Start);

    /// <param name="members">Inputs of the task beside its title; without <c>assignedTo</c> it is the mission leader's.</param>
    public TaskWorld(params (string Name, JsonNode? Value)[] members)
        : this("Assessment.HumanTask", members)
    {
    }

    public TaskWorld(string type, (string Name, JsonNode? Value)[] members)
    {
        var assigned = members.Any(member => member.Name is "assignedTo" or "state") ? members : [.. members, ("assignedTo", Draw.Literal(Roles.MissionLeader))];
        var task = Draw.Activity(type, "t", [("title", Draw.Literal("Synthetic task")), .. assigned]);
        var line = Draw.LineJs("z", "getOutputFrom('t', 'Outcome') + ' by ' + getOutputFrom('t', 'CompletedBy')");
        Assert.Empty(_world.Publish(Draw.Definition("tasks", Draw.Sequence("s", task, line))));
        Assert.Null(_world.Send(LoneCase.Id, new AssessmentInput.Open(
            "Synthetic", new AssessedState("Ruritania", "RR"), "unscr-1373", null, null, null, "synthetic", Secretariat)));
        Instance = _world.Start("tasks", JsonValues.Null, LoneCase.Id);
    }

    public WorldInstance Instance { get; }

    public DateTimeOffset Now => _world.Now;

    public Bookmark Bookmark => Assert.Single(Instance.State.Bookmarks.Values);

    public HumanTaskState Task => HumanTaskState.Contract.Read(Bookmark.Payload);

    public AssessmentState Case => _world.Cases[LoneCase.Id].State;

    /// <summary>The outcome and who completed the task; null while it is open.</summary>
    public string? Done => _world.Printed.SingleOrDefault();

    public void Advance(TimeSpan by) => _world.Advance(by);

    /// <returns>The code of the refusal; null when there was none.</returns>
    public string? Act(string act, Actor actor, string data = "{}", long? ifChangedAt = null) =>
        _world.Act(Instance, Instance.State.Bookmarks.Keys.FirstOrDefault(), act, JsonElement.Parse(data), actor, ifChangedAt)?.Code;

    /// <returns>Why completing the task was refused; null when it was not.</returns>
    public Refusal? Refuse(Actor actor, string outcome, string data) => _world.Act(
        Instance, Instance.State.Bookmarks.Keys.FirstOrDefault(), "complete", JsonElement.Parse($$"""{ "outcome": "{{outcome}}", "data": {{data}} }"""), actor, ifChangedAt: null);

    public string? Complete(Actor actor, string outcome = "Done", string data = "null", string? onBehalfOf = null) => Act(
        "complete", actor, $$"""{ "outcome": "{{outcome}}", "data": {{data}}{{(onBehalfOf is null ? "" : $", \"onBehalfOf\": \"{onBehalfOf}\"")}} }""");
}
