using System.Reflection;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Server.FirstStart;
using AssessmentFlow.Server.Hosting;
using AssessmentFlow.Storage;

namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>The settings that the server has, taken from its option classes.</summary>
internal static class ServerSettingNames
{
    public static readonly IReadOnlyDictionary<string, Type> Sections = new Dictionary<string, Type>(StringComparer.Ordinal)
    {
        [StorageOptions.Section] = typeof(StorageOptions),
        [ClusterOptions.Section] = typeof(ClusterOptions),
        [DoorOptions.Section] = typeof(DoorOptions),
        [DeliveryOptions.Section] = typeof(DeliveryOptions),
        [WorkflowOptions.Section] = typeof(WorkflowOptions),
        [HttpOptions.Section] = typeof(HttpOptions),
        [FirstStartOptions.Section] = typeof(FirstStartOptions),
        [KeyOptions.Section] = typeof(KeyOptions),
        [TelemetryOptions.Section] = typeof(TelemetryOptions),
    };

    /// <summary>All settings by name, such as <c>Storage:DataPath</c>, with their defaults.</summary>
    public static IReadOnlyDictionary<string, object?> Defaults { get; } = Sections
        .SelectMany(section => section.Value
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .Select(property => ($"{section.Key}:{property.Name}", property.GetValue(Activator.CreateInstance(section.Value)))))
        .ToDictionary(setting => setting.Item1, setting => setting.Item2, StringComparer.Ordinal);
}
