namespace AssessmentFlow.Engine.Activities;

/// <summary>What the inputs of HTTP activities stand for: what an author fixed is checked by the rules of the run.</summary>
internal static class HttpInputKinds
{
    /// <summary>A path below the base path of workflows.</summary>
    public static readonly InputKind Path = new HttpPathKind();

    /// <summary>A method that endpoints may take.</summary>
    public static readonly InputKind Method = new HttpMethodKind();

    /// <summary>An address to which a request can be sent.</summary>
    public static readonly InputKind Url = new HttpUrlKind();

    private sealed class HttpPathKind : InputKind
    {
        public override string Name => "http-path";

        public override InputFlaw? Check(string value, InputPlace place) =>
            HttpTemplate.Read(value) is not null ? null : new InputFlaw("http-path-malformed", $"{HttpRoutes.PathForm}; it is '{value}'.");
    }

    private sealed class HttpMethodKind : InputKind
    {
        public override string Name => "http-method";

        public override InputFlaw? Check(string value, InputPlace place) => HttpRoutes.Methods.Contains(value.ToUpperInvariant(), StringComparer.Ordinal)
            ? null
            : new InputFlaw("http-method-unknown", $"A method is one of {string.Join(", ", HttpRoutes.Methods)}, not '{value}'.");
    }

    private sealed class HttpUrlKind : InputKind
    {
        public override string Name => "http-url";

        public override InputFlaw? Check(string value, InputPlace place) =>
            HttpCallReader.TryReadUrl(value, out _) ? null : new InputFlaw("http-url-malformed", $"{HttpCallReader.UrlForm}; it is '{HttpCallReader.Brief(value)}'.");
    }
}
