using System.Collections.Frozen;
using System.Collections.Immutable;

namespace AssessmentFlow.Engine.Activities;

/// <summary>The types of activity that definitions may use.</summary>
public sealed class ActivityCatalog
{
    private readonly FrozenDictionary<string, Activity> _byType;

    /// <summary>A catalogue of the given types. Type names must be unique.</summary>
    public ActivityCatalog(IEnumerable<Activity> activities)
    {
        All = [.. activities.OrderBy(activity => activity.Descriptor.TypeName, StringComparer.Ordinal)];
        _byType = All.ToFrozenDictionary(activity => activity.Descriptor.TypeName, StringComparer.Ordinal);
    }

    /// <summary>All types, by name.</summary>
    public ImmutableArray<Activity> All { get; }

    /// <summary>The general types of Elsa that this engine executes.</summary>
    public static IEnumerable<Activity> General =>
    [
        new Workflow(),
        new Flowchart(), new Start(), new End(), new Sequence(), new StateMachine(),
        new Parallel(), new Fork(), new FlowNode(),
        new If(), new Switch(), new FlowDecision(), new FlowSwitch(), new FlowFork(), new FlowJoin(),
        new For(), new ForEach(), new ParallelForEach(), new While(), new Break(),
        new RunJavaScript(),
        new SetVariable(), new SetOutput(), new SetName(), new Correlate(), new WriteLine(), new Fault(), new Finish(), new Complete(),
        new Event(), new PublishEvent(), new Delay(), new Timer(), new Cron(), new StartAt(), new RunTask(), new DispatchWorkflow(), new ExecuteWorkflow(), new BulkDispatchWorkflows(),
        new SendHttpRequest(), new FlowSendHttpRequest(), new DownloadHttpFile(), new HttpEndpoint(), new WriteHttpResponse(), new WriteFileHttpResponse(),
    ];

    /// <summary>The type of that name; null when there is none.</summary>
    public Activity? Find(string typeName) => _byType.GetValueOrDefault(typeName);
}
