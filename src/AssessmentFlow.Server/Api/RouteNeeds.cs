namespace AssessmentFlow.Server.Api;

/// <summary>The route changes something that has a version: If-Match is required.</summary>
internal sealed class NeedsIfMatch;

/// <summary>The route takes If-Match and does without.</summary>
internal sealed class TakesIfMatch;

/// <summary>The route answers with an ETag although its answer does not carry its version.</summary>
internal sealed class GivesEtag;

/// <summary>Problems that the route never has although others of its kind do.</summary>
/// <param name="Statuses">Their HTTP statuses.</param>
internal sealed record NeverAnswers(int[] Statuses);

/// <summary>The largest and deepest body that the route takes.</summary>
internal sealed record TakesBodyOf(int MaxBytes, int MaxDepth = RequestText.BodyDepthMax)
{
    public static readonly TakesBodyOf Default = new(CommandRequest.BodySizeMaxBytes);
}

/// <summary>How routes say what they need and what they answer.</summary>
internal static class RouteNeeds
{
    private const string Json = "application/json";

    public static TBuilder RequireIfMatch<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new NeedsIfMatch());

    public static TBuilder TakeIfMatch<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new TakesIfMatch());

    public static TBuilder TakeBodyOf<TBuilder>(this TBuilder builder, int maxBytes, int maxDepth = RequestText.BodyDepthMax)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new TakesBodyOf(maxBytes, maxDepth));

    /// <summary>The route takes a body, which may be left out.</summary>
    public static RouteHandlerBuilder MayTake<T>(this RouteHandlerBuilder builder)
        where T : notnull => builder.Accepts<T>(isOptional: true, Json);

    /// <summary>The route answers with something of this form.</summary>
    public static RouteHandlerBuilder Give<T>(this RouteHandlerBuilder builder, int status = StatusCodes.Status200OK) => builder.Produces<T>(status, Json);

    /// <summary>The route answers with a page of a list of things of this form.</summary>
    public static RouteHandlerBuilder GivePage<T>(this RouteHandlerBuilder builder) => builder.Give<PageOf<T>>();

    public static TBuilder GiveEtag<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new GivesEtag());

    public static TBuilder NeverAnswer<TBuilder>(this TBuilder builder, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new NeverAnswers(statuses));

    /// <summary>Nobody with a key is refused: what a client may not see is not there for it.</summary>
    public static TBuilder RefuseNobody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.NeverAnswer(StatusCodes.Status403Forbidden);
}
