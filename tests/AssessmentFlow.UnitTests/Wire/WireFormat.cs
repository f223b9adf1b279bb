using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AssessmentFlow.Runtime.Entities;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace AssessmentFlow.UnitTests.Wire;

/// <summary>Writes and reads as servers do, without a server.</summary>
internal sealed class WireFormat : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { IgnoreReadOnlyProperties = true, Converters = { new JsonStringEnumConverter() } };

    private readonly ServiceProvider _services = new ServiceCollection()
        .AddSerializer(builder => builder.AddAssembly(typeof(IEntityGrain).Assembly))
        .Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add(nameof(AssessmentFlow)))
        .BuildServiceProvider();

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public WireMessage Write(string name, object value)
    {
        // As an object, as the body of a message is: the bytes say of what type it is.
        var bytes = Serializer.SerializeToArray(value);
        return new WireMessage(name, bytes, ToJson(value));
    }

    /// <summary>What bytes say.</summary>
    public JsonNode? Read(byte[] bytes) => ToJson(Serializer.Deserialize<object>(bytes));

    public void Dispose() => _services.Dispose();

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        IInvokable call => new JsonObject
        {
            ["of"] = call.GetInterfaceType().Name,
            ["call"] = call.GetMethod().GetCustomAttribute<AliasAttribute>()?.Alias ?? call.GetMethod().Name,
            ["with"] = new JsonArray([.. Enumerable.Range(0, call.GetArgumentCount()).Select(position => ToJson(call.GetArgument(position)))]),
        },
        Response { Exception: { } failure } => new JsonObject { ["failure"] = failure.GetType().Name, ["message"] = failure.Message },
        Response answer => new JsonObject { ["answer"] = ToJson(answer.Result) },
        _ => JsonSerializer.SerializeToNode(value, value.GetType(), Json),
    };
}
