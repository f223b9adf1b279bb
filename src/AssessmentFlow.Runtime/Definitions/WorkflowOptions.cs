using System.ComponentModel.DataAnnotations;
using AssessmentFlow.Engine.Definitions;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Definitions;

/// <summary>How workflows are read that leave it open.</summary>
public sealed class WorkflowOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Workflows";

    /// <summary>
    /// Mode of the flowcharts of a definition that names none. It is written into the definition when it is imported,
    /// so a later change concerns later imports only. Default: CounterBased, as in Elsa.
    /// </summary>
    [EnumDataType(typeof(FlowchartMode))]
    public FlowchartMode FlowchartMode { get; set; } = FlowchartMode.CounterBased;
}

[OptionsValidator]
internal sealed partial class WorkflowOptionsValidator : IValidateOptions<WorkflowOptions>;
