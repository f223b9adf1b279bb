using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Assessments.Tasks;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Worlds;

/// <summary>Runs a case file in a world of its own and notes what differs from what it expects.</summary>
public sealed class WorkflowCaseRun
{
    private const string EverySeat = "seat:*";

    private readonly WorkflowCase _case;
    private readonly CaseHeader _header;
    private readonly List<string> _differences = [];

    /// <summary>A run of a case file.</summary>
    /// <param name="file">The case.</param>
    /// <param name="workflow">The workflow that it belongs to.</param>
    /// <param name="definitions">Definitions by workflow, as JSON.</param>
    /// <param name="reference">Reference data; its regime gets the settings of the case.</param>
    public WorkflowCaseRun(WorkflowCase file, string workflow, IReadOnlyDictionary<string, string> definitions, ReferenceSnapshot reference)
    {
        _case = file;
        _header = file.Assessment!;
        Workflow = workflow;
        var regime = reference.Regimes[_header.Regime];
        World = new CaseWorld(reference with { Regimes = reference.Regimes.SetItem(regime.Id, _header.Under(regime)) }, file.At!.Value);
        foreach (var name in file.Workflows ?? [.. definitions.Keys])
        {
            _differences.AddRange(World.Publish(definitions[name]).Select(problem => $"{name}: {problem}"));
        }
    }

    public CaseWorld World { get; }

    public string Workflow { get; }

    internal AssessmentState Case => World.Cases[_header.Id].State;

    internal IReadOnlyList<AssessmentFact> Facts => World.Cases[_header.Id].Facts;

    internal WorldInstance? Main => World.Instances.Find(instance => instance.State.DefinitionId == Workflow);

    internal int FactsBefore { get; private set; }

    /// <summary>Runs every step.</summary>
    /// <returns>What differs from what is expected; empty when nothing does.</returns>
    public IReadOnlyList<string> Run()
    {
        foreach (var (number, step) in _case.Steps.Index())
        {
            FactsBefore = World.Cases.TryGetValue(_header.Id, out var found) ? found.Facts.Count : 0;
            var label = $"step {number} ({step.Do}{(step.Task is null ? "" : " " + step.Task)})";
            var refusal = Do(step);
            World.Advance(TimeSpan.Zero);
            if (refusal?.Code != step.Refused)
            {
                _differences.Add($"{label}: {(refusal is null ? $"was not refused as {step.Refused}" : $"refused as {refusal.Code}: {refusal.Message}")}");
            }

            _differences.AddRange(CaseExpectations.Differences(this, step.Expect).Select(difference => $"{label}: {difference}"));
        }

        return _differences;
    }

    /// <summary>The open tasks, with the instance and activity that wait for them.</summary>
    internal IEnumerable<(WorldInstance Instance, Bookmark Bookmark, string Activity, HumanTaskState Task)> Tasks() =>
        from instance in World.Instances
        where instance.State.Status is InstanceStatus.Running
        from bookmark in instance.State.Bookmarks.Values
        where bookmark.Payload.Member("assignedTo").AsText() is not null
        select (instance, bookmark, instance.Definition.Nodes[instance.State.Executions[bookmark.Execution].Node].Id, HumanTaskState.Contract.Read(bookmark.Payload));

    private Refusal? Do(CaseStep step)
    {
        switch (step.Do)
        {
            case "open":
                return Open(step);
            case "compose":
                return Compose(step.Actor(), step.Agencies ?? []);
            case "start":
                World.Start(step.Workflow!, step.Input, _header.Id);
                return null;
            case "complete" or "claim" or "release" or "delegate":
                return ActOnTask(step);
            case "object" or "hold" or "lift" or "extend" or "withdraw":
                return ActOnSilence(step);
            case "acknowledge":
                return Acknowledge(step);
            case "assign":
                return World.SendToReview(ReviewId(step), new ReviewInput.Assign(_header.Id, step.Agency!, [], step.Until, "agency-review"));
            case "write":
                return World.SendToReview(ReviewId(step), new ReviewInput.WriteChapter(new Chapter { Text = step.Text! }, IfChangedAt: null, AgencyOf(step)));
            case "sign-off":
                return Move(step, ReviewMove.SignOff, AgencyOf(step));
            case "return":
                return Move(step, ReviewMove.Return, step.Actor(Roles.MissionLeader));
            case "accept":
                return Move(step, ReviewMove.Accept, step.Actor(Roles.MissionLeader));
            case "put":
                return World.Send(_header.Id, new AssessmentInput.PutItem(step.Kind!, step.Id!, step.Body, IfChangedAt: null, step.Actor()));
            case "advance":
                World.AdvanceTo(step.Until ?? World.Now + TimeSpan.Parse(step.By!, System.Globalization.CultureInfo.InvariantCulture));
                return null;
            default:
                throw new InvalidOperationException($"Nothing is known of how to do '{step.Do}'.");
        }
    }

    private Refusal? Open(CaseStep step)
    {
        var opened = World.Send(_header.Id, new AssessmentInput.Open(
            _case.Title, new AssessedState(_header.StateName, _header.State), _header.Regime, VisitType: null, VisitFrom: null, VisitTo: null, _case.Basis, step.Actor()));
        return opened ?? (_header.Agencies is { } agencies ? Compose(step.Actor(), agencies) : null);
    }

    private Refusal? Compose(Actor actor, ImmutableArray<string> agencies) => World.Send(
        _header.Id,
        new AssessmentInput.ComposeDelegation(
            Leader: null, [.. agencies.Select(agency => new DelegationMember(agency, Areas: [], Representative: null))], IfChangedAt: null, actor));

    private Refusal? ActOnTask(CaseStep step)
    {
        var found = Tasks()
            .Where(task => task.Activity == step.Task && (step.Agency is null || task.Instance.State.CorrelationId == ReviewId(step)))
            .ToArray();
        if (found is not [var (instance, bookmark, _, task)])
        {
            var open = string.Join(", ", CaseExpectations.Tasks(this));
            return new Refusal(RefusalKind.NotFound, "task-not-open", $"{found.Length} open tasks '{step.Task}' and not one; open are: {open}.");
        }

        var members = new[] { ("outcome", JsonValues.Of(step.Outcome)), ("data", step.Data), ("to", JsonValues.Of(step.To)), ("onBehalfOf", JsonValues.Of(step.OnBehalfOf)) };
        var data = JsonValues.Object([.. members.Where(member => !member.Item2.IsNull())]);
        return World.Act(instance, bookmark.Id, step.Do, data, step.Actor(task.AssignedTo));
    }

    private Refusal? ActOnSilence(CaseStep step)
    {
        var actor = step.Actor();
        return World.Send(_header.Id, new AssessmentInput.ActOnSilence(
            Case.Silences.Length,
            Enum.Parse<SilenceAct>(step.Do, ignoreCase: true),
            actor.Names(Roles.SeatPrefix).FirstOrDefault(),
            step.Text,
            step.Until,
            IfChangedAt: null,
            actor));
    }

    private Refusal? Acknowledge(CaseStep step)
    {
        var circulation = Case.Circulations[^1];
        var seat = step.Actor().Names(Roles.SeatPrefix).Single();
        var copies = step.As.AsText() is EverySeat
            ? circulation.Copies.Where(copy => copy.AcknowledgedAt is null)
            : circulation.Copies.Where(copy => copy.Seat == seat);
        return copies
            .Select(copy => World.Send(_header.Id, new AssessmentInput.AcknowledgeCopy(
                circulation.Number, copy.Number, IfChangedAt: null, new Actor("seat", [Roles.OfSeat(copy.Seat)]))))
            .ToArray()
            .FirstOrDefault(refusal => refusal is not null);
    }

    private Refusal? Move(CaseStep step, ReviewMove move, Actor actor) =>
        World.SendToReview(ReviewId(step), new ReviewInput.Move(move, step.Text, IfChangedAt: null, actor));

    private string ReviewId(CaseStep step) => ReviewIds.Of(_header.Id, step.Agency!);

    private static Actor AgencyOf(CaseStep step) => step.Actor(Roles.OfAgency(step.Agency!));
}
