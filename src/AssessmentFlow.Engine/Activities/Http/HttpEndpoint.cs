using System.Collections.Immutable;
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
    private const string Policy = "Policy";
    private const string RequestTimeout = "RequestTimeout";

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
            new(Path, "String", "Path below the base path of workflows, such as orders/received or orders/{id}.") { IsRequired = true, Kind = HttpInputKinds.Path },
            new(SupportedMethods, "List<String>", "HTTP methods that are taken.") { DisplayName = "Supported Methods", UiHint = "checklist", Default = OnlyGet, Kind = HttpInputKinds.Method },
            new(Authorize, "Boolean", "Whether a key of the interface is needed.") { UiHint = "checkbox", Default = JsonValues.True },
            new(Policy, "String", "Not supported: roles belong to the keys of the interface.") { Kind = new PolicyKind(), IsJudgedAtPublication = true },
            new(RequestTimeout, "TimeSpan", "Has no effect: a turn is bounded by what it does and not by time.") { DisplayName = "Request Timeout", IsJudgedAtPublication = true },
            .. HttpUploads.Inputs,
        ],
        Outputs =
        [
            new("ParsedContent", "Object", "The content: a value when it is JSON, the fields by name when it is a form, else its text."),
            new("Files", "FormFile[]", "The files of a form: Name, Filename, ContentType, Length, and Content with the bytes as Base64."),
            new("File", "FormFile", "The first of them."),
            new("RouteData", "ObjectDictionary", "What stands in the path for its placeholders, by name."),
            new("QueryStringData", "ObjectDictionary", "Values of the query, by name."),
            new("Headers", "ObjectDictionary", "Headers, by name; none that proves who asks."),
            new("Result", "HttpRequest", "The request as a whole: Method, Path, QueryString, Headers, ContentLength, Content."),
        ],
    };

    public override void Execute(ActivityContext context)
    {
        if (context.Trigger is { } trigger)
        {
            Received(context, trigger.Payload, HttpTemplate.Read(context.Text(Path)), HttpUploads.OutcomeOf(context, trigger.Payload));
            return;
        }

        foreach (var (method, path, key) in Routes(context))
        {
            context.Wait(JsonValues.Object(("Method", JsonValues.Of(method)), (Path, JsonValues.Of(path))), key);
        }
    }

    public override void OnEvent(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        var outcome = HttpUploads.OutcomeOf(context, payload); // Before anything is recorded: who is refused may try again.
        context.Burn(bookmark, context.ShowsOutput("Result") ? payload : JsonValues.Null);
        Received(context, payload, HttpTemplate.Read(bookmark.Payload.Member(Path).AsText()), outcome);
    }

    internal override object? Plan(PlanContext context)
    {
        context.WarnWithoutEffect(RequestTimeout, "a turn is bounded by what it does and not by time.");
        if (context.Node.Inputs.GetValueOrDefault(Policy) is { FixedValue: null })
        {
            context.WarnWithoutEffect(Policy, PolicyKind.Why);
        }

        HttpUploads.Check(context);
        return null;
    }

    internal override FlowOutcomes OutcomesOf(ActivityNode node) => new([.. HttpUploads.ExposedBy(node), Outcome.Done], AreExclusive: true);

    public ImmutableArray<StartTrigger> TriggersOf(ActivityContext context) =>
        [.. Routes(context).Select(route => StartTrigger.By(context.Node, route.Key))];

    /// <summary>Method and path that a node certainly takes, as far as its author wrote them down.</summary>
    internal static IEnumerable<(string Method, string Path)> FixedRoutes(ActivityNode node)
    {
        if (node.Inputs.GetValueOrDefault(Path) is not LiteralExpression { Value: var path } || HttpTemplate.Read(ValueConversion.ToText(path))?.Pattern is not { } fixedPath)
        {
            return [];
        }

        var methods = node.Inputs.TryGetValue(SupportedMethods, out var written) ? written.FixedValue ?? JsonValues.EmptyArray : OnlyGet;
        return ValueConversion.TryConvert(methods, "List<String>", isArray: false, out var list) && !list.IsNull()
            ? list.EnumerateArray().Where(method => !method.IsNull()).Select(method => (method.GetString()!.ToUpperInvariant(), fixedPath))
            : [];
    }

    private static void Received(ActivityContext context, JsonElement payload, HttpTemplate? template, string? outcome)
    {
        if (outcome is null)
        {
            context.SetOutput("ParsedContent", payload.Member(HttpContents.Form) is { ValueKind: JsonValueKind.Object } form
                ? form
                : HttpContents.Parse(payload.Member("Content").AsText(), payload.Member("Headers").Member("Content-Type").AsText()));
        }

        if (outcome is null && payload.Member(HttpContents.Files) is { ValueKind: JsonValueKind.Array } files && files.GetArrayLength() > 0)
        {
            context.SetOutput("Files", files);
            context.SetOutput("File", files[0]);
        }

        if (template?.HasPlaceholders is true)
        {
            context.SetOutput("RouteData", template.ValuesIn(payload.Member(Path).AsText() ?? ""));
        }

        context.SetOutput("QueryStringData", payload.Member("QueryString"));
        context.SetOutput("Headers", payload.Member("Headers"));
        context.SetOutput("Result", HttpContents.WithoutFiles(payload));
        context.Complete(outcome ?? Outcome.Done);
    }

    private static ImmutableArray<(string Method, string Path, string Key)> Routes(ActivityContext context)
    {
        var path = context.Text(Path);
        if (HttpTemplate.Read(path) is not { } template)
        {
            throw new ActivityFaultException("http-path-malformed", $"'{context.Node.Label}' cannot be reached. {HttpRoutes.PathForm}; it is '{path}'.");
        }

        var methods = context.Texts(SupportedMethods).Select(method => method.ToUpperInvariant()).Distinct(StringComparer.Ordinal).ToArray();
        var unknown = methods.FirstOrDefault(method => !HttpRoutes.Methods.Contains(method, StringComparer.Ordinal));
        return unknown is null && methods.Length > 0
            ? [.. methods.Select(method => (method, template.Text, HttpRoutes.KeyOf(method, template.Pattern, AsksForKey(context))))]
            : throw new ActivityFaultException(
                "http-method-unknown", $"The methods of '{context.Node.Label}' are some of {string.Join(", ", HttpRoutes.Methods)}, not '{unknown}'.");
    }

    /// <summary>Only who says no opens an endpoint to everybody; an emptied field does not.</summary>
    private static bool AsksForKey(ActivityContext context) => context.Input(Authorize).ValueKind is not JsonValueKind.False;

    /// <summary>A policy says who may ask. There are none here: where one is meant, a workflow must not be published without it.</summary>
    private sealed class PolicyKind : InputKind
    {
        public const string Why = "roles belong to the keys of the interface. Leave it empty, and let Authorize ask for a key.";

        public override string Name => "http-policy";

        public override InputFlaw Check(string value, InputPlace place) => new InputFlaw("policy-unknown", $"There is no policy '{value}' here: {Why}");
    }
}
