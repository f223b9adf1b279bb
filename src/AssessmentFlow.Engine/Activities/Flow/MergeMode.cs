using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>When an activity with several inbound connections runs in a token-based flowchart. Names as in Elsa.</summary>
internal enum MergeMode
{
    /// <summary>Not set: as <see cref="Stream"/>.</summary>
    None = 0,

    /// <summary>When nothing more can arrive, once, with whatever arrived. Branches that were not taken do not matter.</summary>
    Stream = 1,

    /// <summary>When every forward connection has brought a token. One that cannot come any more is an incident.</summary>
    Merge = 2,

    /// <summary>As <see cref="Merge"/>. A connection that leads back is not waited for: it can only be followed afterwards.</summary>
    Converge = 3,

    /// <summary>Once per token.</summary>
    Cascade = 4,

    /// <summary>At the first token; the branches that lead here are cancelled.</summary>
    Race = 5,
}

/// <summary>When a join runs, in both modes of flowchart.</summary>
internal enum JoinMode
{
    /// <summary>When all were visited, if all were followed.</summary>
    WaitAll = 0,

    /// <summary>When all were visited, if one was followed.</summary>
    WaitAllActive = 1,

    /// <summary>When the first is followed; the others are cancelled.</summary>
    WaitAny = 2,
}

/// <summary>Where an activity says how it takes what reaches it.</summary>
internal static class MergeModes
{
    /// <summary>The mode that the author gave an activity.</summary>
    /// <param name="customProperties">The custom properties of the activity.</param>
    /// <param name="mode">The mode; <see cref="MergeMode.None"/> when none is given.</param>
    /// <returns>False when what is given is no mode.</returns>
    public static bool TryRead(JsonElement customProperties, out MergeMode mode)
    {
        mode = MergeMode.None;
        var named = customProperties.Member("mergeMode");
        return named.IsNull()
            || named.AsText() is ""
            || (named.AsText() is { } name && Enum.TryParse(name, ignoreCase: true, out mode) && Enum.IsDefined(mode) && !char.IsAsciiDigit(name[0]));
    }

    /// <summary>Whether the first arrival may end what else leads to the activity.</summary>
    public static bool MayRace(ActivityNode node) => node.Activity is FlowJoin || node.MergeMode is MergeMode.Race;

    /// <summary>The mode of a join: what its input says where the run stands.</summary>
    /// <exception cref="ActivityFaultException">The input gives something that is no mode.</exception>
    public static JoinMode OfJoin(ActivityContext flowchart, ActivityNode join)
    {
        var mode = join.Inputs.TryGetValue("Mode", out var expression)
            ? ValueConversion.ToText(expression.Evaluate(flowchart.Scope))
            : nameof(JoinMode.WaitAny);
        return Enum.TryParse<JoinMode>(mode, ignoreCase: true, out var parsed)
            ? parsed
            : throw new ActivityFaultException("join-mode-unknown", $"'{join.Label}' has the mode '{mode}'; use WaitAll, WaitAllActive or WaitAny.");
    }
}
