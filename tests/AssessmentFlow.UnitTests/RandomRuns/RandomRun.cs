using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Simulation;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.UnitTests.RandomRuns;

/// <summary>
/// One drawing, run twice with the same inputs: once undisturbed in memory, once with every misfortune that a turn
/// may meet. A commit may fail, so that the decision is thrown away and the input comes again; what is committed is
/// read back from JSON before the next input; inputs that were applied are delivered again where only the engine can
/// tell. After every turn both have to stand at the same point, told by the same facts.
/// </summary>
internal sealed class RandomRun
{
    /// <summary>Inputs of one run (count). A drawing that still waits then has been seen long enough.</summary>
    private const int InputsMax = 60;

    private static readonly ActivityCatalog Catalog = new(ActivityCatalog.General);
    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly WorkflowDefinition _definition;
    private readonly Dice _choices;
    private readonly Dice _misfortunes;
    private readonly StringBuilder _story = new();
    private readonly Queue<InstanceInput> _messages = new();
    private readonly RandomOthers _others;
    private InstanceState _undisturbed = new() { Id = "random" };
    private byte[] _stored;
    private DateTimeOffset _now = Begin;
    private long _version;

    private RandomRun(WorkflowDefinition definition, Dice choices, Dice misfortunes)
    {
        _definition = definition;
        _choices = choices;
        _misfortunes = misfortunes;
        _others = new RandomOthers(choices);
        _stored = Write(_undisturbed);
    }

    /// <summary>Runs the drawing of a seed.</summary>
    /// <exception cref="RandomRunException">The two runs part, or a turn breaks its promises.</exception>
    public static RandomRunCounts Of(ulong seed)
    {
        var dice = new Dice(seed);
        var json = RandomDefinition.Of(dice.Fork());
        var mode = dice.Percent(50) ? FlowchartMode.TokenBased : FlowchartMode.CounterBased;
        var reading = DefinitionReader.Read(FlowchartModePin.Pin(Encoding.UTF8.GetBytes(json), mode), Catalog);
        if (reading.Definition is not { } definition)
        {
            throw new RandomRunException($"The drawing is not sound: {string.Join("; ", reading.Problems)}\n{json}");
        }

        var run = new RandomRun(definition, dice.Fork(), dice.Fork());
        try
        {
            return run.Run();
        }
        catch (Exception e)
        {
            throw new RandomRunException($"{mode}: {e.Message}\nInputs:\n{run._story}Definition:\n{json}", e);
        }
    }

    private RandomRunCounts Run()
    {
        Take(new InstanceInput.Start("random", 1, "hash", [], CorrelationId: null));
        for (var inputs = 0; inputs < InputsMax && (_undisturbed.Status is InstanceStatus.Running || IsRepaired()); inputs++)
        {
            if (_messages.TryDequeue(out var message))
            {
                Take(message);
            }
            else if (Choose() is { } input)
            {
                Take(input);
            }
            else
            {
                Check(_undisturbed.IsStuck, "Nothing is waited for, and the instance does not count as stuck.");
                Check(!_undisturbed.Incidents.IsEmpty, "Nothing is waited for, and no incident says why.");
                break;
            }
        }

        return new RandomRunCounts(_version, _undisturbed.SubStatus);
    }

    /// <summary>Whether somebody repairs an instance that ended by a fault.</summary>
    private bool IsRepaired() => _undisturbed.SubStatus is InstanceSubStatus.Faulted && !_undisturbed.Incidents.IsEmpty && _choices.Percent(50);

    /// <summary>Something that may happen next: mostly what is waited for, now and then what is not.</summary>
    private InstanceInput? Choose()
    {
        if (_others.HasAnswers && _choices.Percent(40))
        {
            return _others.Answer();
        }

        if (!_undisturbed.Incidents.IsEmpty && (_undisturbed.Status is InstanceStatus.Finished || _choices.Percent(20)))
        {
            return new InstanceInput.Retry(_choices.One([.. _undisturbed.Incidents]).Id, Actor.System);
        }

        if (_choices.Percent(3))
        {
            return new InstanceInput.Signal(_choices.One(RandomDefinition.EventNames), JsonValues.Null);
        }

        if (_choices.Percent(1))
        {
            return new InstanceInput.Cancel("chance", Actor.System);
        }

        Bookmark[] open = [.. _undisturbed.Bookmarks.Values.Where(static each => !RandomOthers.Answers(each))];
        if (open.Length is 0)
        {
            return _others.HasAnswers ? _others.Answer() : null;
        }

        var bookmark = _choices.One(open);
        if (bookmark.DueAt is { } due)
        {
            _now = due > _now ? due : _now;
            return new InstanceInput.TimerFired(bookmark.Id);
        }

        return bookmark.Key is { } name
            ? new InstanceInput.Signal(name, JsonValues.Of(_choices.Below(10)))
            : new InstanceInput.Act(bookmark.Id, "complete", JsonValues.Object(("result", JsonValues.Of(_choices.Below(10)))), Actor.System, IfChangedAt: null);
    }

    private void Take(InstanceInput input)
    {
        _story.Append(_version + 1).Append(' ').Append(JsonSerializer.Serialize(input, EngineJson.Plain.InstanceInput)).Append('\n');
        var moment = new Moment(_now, _version + 1);
        var undisturbed = Decide(_undisturbed, input, moment);
        while (_misfortunes.Percent(30))
        {
            Decide(Read(_stored), input, moment); // The commit failed; nobody has seen the decision.
        }

        var recovered = Decide(Read(_stored), input, moment);
        Check(undisturbed.GetType() == recovered.GetType(), $"Undisturbed it is {undisturbed.GetType().Name}, recovered {recovered.GetType().Name}.");
        if (undisturbed is not Decision.Accepted live || recovered is not Decision.Accepted again)
        {
            return;
        }

        CheckSame(live, again);
        _version++;
        _undisturbed = live.State;
        _stored = Write(again.State);
        CheckReplay(again);
        CheckRepeated(input);
        foreach (var effect in live.Effects)
        {
            Deliver(effect);
        }
    }

    private static Decision Decide(WorkflowDefinition definition, InstanceState state, InstanceInput input, Moment moment)
    {
        var before = Write(state);
        var decision = WorkflowEngine.Decide(definition, state, input, moment);
        Check(before.AsSpan().SequenceEqual(Write(state)), "The decision changed the state that it was given.");
        return decision;
    }

    private Decision Decide(InstanceState state, InstanceInput input, Moment moment) => Decide(_definition, state, input, moment);

    private static void CheckSame(Decision.Accepted live, Decision.Accepted recovered)
    {
        var told = Facts(live);
        var again = Facts(recovered);
        Check(told.SequenceEqual(again), $"The facts differ:\n{string.Join('\n', told)}\nand recovered\n{string.Join('\n', again)}");
        Check(
            Write(live.State).AsSpan().SequenceEqual(Write(recovered.State)),
            $"The states differ:\n{Text(live.State)}\nand recovered\n{Text(recovered.State)}");
    }

    private byte[] _before = [];

    private void CheckReplay(Decision.Accepted accepted)
    {
        var replayed = _before.Length > 0 ? Read(_before) : new InstanceState { Id = "random" };
        foreach (var fact in Facts(accepted))
        {
            replayed.Apply(JsonSerializer.Deserialize(fact, EngineJson.Plain.InstanceFact)!);
        }

        Check(Write(replayed).AsSpan().SequenceEqual(_stored), $"The facts lead to\n{Text(replayed)}\nand not to\n{Encoding.UTF8.GetString(_stored)}");
        _before = _stored;
    }

    /// <summary>What only the engine can recognise as a repeat has to be nothing the second time.</summary>
    private void CheckRepeated(InstanceInput input)
    {
        if (input is InstanceInput.TimerFired or InstanceInput.Start or InstanceInput.Act
            || (input is InstanceInput.Continue && _undisturbed.Postponed is null))
        {
            var repeated = Decide(Read(_stored), input, new Moment(_now, _version + 1));
            Check(repeated is not Decision.Accepted, $"{input.GetType().Name} was applied again when it was delivered again.");
        }
    }

    private void Deliver(InstanceEffect effect)
    {
        switch (effect)
        {
            case InstanceEffect.ContinueSelf:
                _messages.Enqueue(new InstanceInput.Continue());
                break;
            case InstanceEffect.Publish publish:
                _messages.Enqueue(new InstanceInput.Signal(publish.Name, publish.Payload));
                break;
            default:
                _others.Take(effect);
                break;
        }
    }

    private static string[] Facts(Decision.Accepted decision) =>
        [.. decision.Facts.Select(fact => JsonSerializer.Serialize(fact, EngineJson.Plain.InstanceFact))];

    private static byte[] Write(InstanceState state) => JsonSerializer.SerializeToUtf8Bytes(state, EngineJson.Plain.InstanceState);

    private static InstanceState Read(byte[] json) => JsonSerializer.Deserialize(json, EngineJson.Plain.InstanceState)!;

    private static string Text(InstanceState state) => Encoding.UTF8.GetString(Write(state));

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new RandomRunException(otherwise);
        }
    }
}

/// <summary>What a random run came to.</summary>
/// <param name="Turns">Turns that were committed.</param>
/// <param name="SubStatus">How the instance stood at the end.</param>
internal sealed record RandomRunCounts(long Turns, InstanceSubStatus SubStatus);

/// <summary>A random run broke a promise.</summary>
internal sealed class RandomRunException(string message, Exception? inner = null) : Exception(message, inner);
