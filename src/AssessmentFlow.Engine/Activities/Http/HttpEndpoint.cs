using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Starts the workflow at an HTTP request, or waits for one.</summary>
internal sealed class HttpEndpoint : Activity, IStartTrigger
{
    public const string Type = "Elsa.HttpEndpoint";

    internal const string Path = "Path";
    private const string SupportedMethods = "SupportedMethods";
    private const string Authorize = "Authorize";

    private static readonly JsonElement OnlyGet = JsonElement.Parse("""["GET"]""");

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = Type,
        Category = "HTTP",
        DisplayName = "HTTP Endpoint",
        Description = "Starts the workflow at an HTTP request, or waits for one.",
        Kind = ActivityKind.Trigger,
        Inputs =
        [
            new(Path, "String", "Path below the base path of workflows, such as orders/received.") { IsRequired = true, Kind = HttpInputKinds.Path },
            new(SupportedMethods, "List<String>", "HTTP methods that are taken.") { DisplayName = "Supported Methods", UiHint = "checklist", Default = OnlyGet, Kind = HttpInputKinds.Method },
            new(Authorize, "Boolean", "Whether a key of the interface is needed.") { UiHint = "checkbox", Default = JsonValues.True },
        ],
        Outputs =
        [
            new("ParsedContent", "Object", "The content: a value when it is JSON, else its text."),
            new("QueryStringData", "ObjectDictionary", "Values of the query, by name."),
            new("Headers", "ObjectDictionary", "Headers, by name; none that proves who asks."),
            new("Result", "HttpRequest", "The request as a whole: Method, Path, QueryString, Headers, Content."),
        ],
    };

    public override void Execute(ActivityContext context)
    {
        if (context.Trigger is { } trigger)
        {
            Received(context, trigger.Payload);
            return;
        }

        foreach (var (method, path, key) in Routes(context))
        {
            context.Wait(JsonValues.Object(("Method", JsonValues.Of(method)), ("Path", JsonValues.Of(path))), key);
        }
    }

    public override void OnEvent(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        context.Burn(bookmark, context.ShowsOutput("Result") ? payload : JsonValues.Null);
        Received(context, payload);
    }

    public ImmutableArray<StartTrigger> TriggersOf(ActivityContext context) =>
        [.. Routes(context).Select(route => StartTrigger.By(context.Node, route.Key))];

    /// <summary>Method and path that a node certainly takes, as far as its author wrote them down.</summary>
    internal static IEnumerable<(string Method, string Path)> FixedRoutes(ActivityNode node)
    {
        if (node.Inputs.GetValueOrDefault(Path) is not LiteralExpression { Value: var path } || HttpRoutes.Trimmed(ValueConversion.ToText(path)) is not { } fixedPath)
        {
            return [];
        }

        var methods = node.Inputs.GetValueOrDefault(SupportedMethods) switch
        {
            null => OnlyGet,
            LiteralExpression literal => literal.Value,
            ObjectExpression { FixedValue: { } json } => json,
            _ => JsonValues.EmptyArray,
        };
        return ValueConversion.TryConvert(methods, "List<String>", isArray: false, out var list) && !list.IsNull()
            ? list.EnumerateArray().Where(method => !method.IsNull()).Select(method => (method.GetString()!.ToUpperInvariant(), fixedPath))
            : [];
    }

    private static void Received(ActivityContext context, JsonElement payload)
    {
        context.SetOutput("ParsedContent", HttpContents.Parse(payload.Member("Content").AsText(), payload.Member("Headers").Member("Content-Type").AsText()));
        context.SetOutput("QueryStringData", payload.Member("QueryString"));
        context.SetOutput("Headers", payload.Member("Headers"));
        context.SetOutput("Result", payload);
        context.Complete();
    }

    private static ImmutableArray<(string Method, string Path, string Key)> Routes(ActivityContext context)
    {
        var path = HttpRoutes.Trimmed(context.Text(Path));
        if (!HttpRoutes.IsPath(path))
        {
            throw new ActivityFaultException("http-path-malformed", $"'{context.Node.Label}' cannot be reached. {HttpRoutes.PathForm}; it is '{path}'.");
        }

        var methods = context.Texts(SupportedMethods).Select(method => method.ToUpperInvariant()).Distinct(StringComparer.Ordinal).ToArray();
        var unknown = methods.FirstOrDefault(method => !HttpRoutes.Methods.Contains(method, StringComparer.Ordinal));
        return unknown is null && methods.Length > 0
            ? [.. methods.Select(method => (method, path, HttpRoutes.KeyOf(method, path, context.Flag(Authorize))))]
            : throw new ActivityFaultException(
                "http-method-unknown", $"The methods of '{context.Node.Label}' are some of {string.Join(", ", HttpRoutes.Methods)}, not '{unknown}'.");
    }
}

/// <summary>Keys by which HTTP endpoints are found.</summary>
public static class HttpRoutes
{
    /// <summary>Longest path below the base path (characters).</summary>
    public const int PathLengthMax = 150;

    /// <summary>Methods that endpoints may take.</summary>
    public static readonly ImmutableArray<string> Methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

    /// <summary>Member of the answer of an instance that holds what an HTTP request is answered.</summary>
    public const string AnswerMember = "http";

    /// <summary>What a path may be, for authors.</summary>
    internal static readonly string PathForm = $"A path may have {PathLengthMax} printable characters, without query and without placeholders";

    /// <summary>A path as keys have it; null when nothing is left.</summary>
    internal static string? Trimmed(string? path) => path?.Trim().Trim('/').ToLowerInvariant() is { Length: > 0 } trimmed ? trimmed : null;

    /// <summary>Whether requests can reach a path, as <see cref="Trimmed"/> gives it.</summary>
    internal static bool IsPath([NotNullWhen(true)] string? path) =>
        path is { Length: <= PathLengthMax } && !path.Any(static letter => char.IsControl(letter) || letter is '{' or '}' or '?' or '#');

    /// <summary>The key of an endpoint. Whether a key of the interface is needed is part of it: who has none cannot find those that need one.</summary>
    /// <param name="method">Method, in capital letters.</param>
    /// <param name="path">Path below the base path, in small letters and without slashes at its ends.</param>
    /// <param name="isAuthorized">Whether a key of the interface is needed.</param>
    public static string KeyOf(string method, string path, bool isAuthorized) => $"http{(isAuthorized ? "" : "-open")} {method} /{path}";

    /// <summary>Method and path of a key.</summary>
    internal static (string Method, string Path) RouteOf(string key)
    {
        var parts = key.Split(' ', 3);
        return (parts[1], parts[2][1..]);
    }
}
