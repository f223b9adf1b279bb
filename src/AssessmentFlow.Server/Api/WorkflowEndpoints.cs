using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AssessmentFlow.Server.Api;

/// <summary>
/// HTTP endpoints of workflows: a request starts the instance or resumes the one that waits for it, and is answered by
/// what that turn recorded. A request without an answer of the workflow is answered 202 with the id of the instance.
/// </summary>
internal sealed class WorkflowEndpoints(TriggerStarts triggers, IDeliveryStore waits, ITurnJournal journal, IEntities entities)
{
    public async Task HandleAsync(HttpContext http)
    {
        var path = (http.Request.RouteValues["path"] as string ?? "").Trim('/');
        var correlationId = RequestProblemException.Key(http.Request.Query["correlationId"].ToString(), "correlationId");
        var request = await EndpointRequest.ReadAsync(http, path);
        if (await FindRepeatAsync(http, request) is { } repeated)
        {
            await WriteAsync(http, repeated.Entity.Key, repeated.Answer);
            return;
        }

        var found = await FindAsync(http, path, correlationId);
        if (found is null)
        {
            await ApiKeyAuthentication.RefuseAsync(http);
            return;
        }

        if (http.Request.Query["workflowInstanceId"].ToString() is { Length: > 0 } instance)
        {
            found = [.. found.Where(each => each.Waiting == instance)];
        }

        var receiver = found.Count switch
        {
            0 => throw new RequestProblemException(StatusCodes.Status404NotFound, "endpoint-unknown", $"No workflow waits for {http.Request.Method} /{path} now."),
            1 => found[0],
            _ => throw new RequestProblemException(
                StatusCodes.Status409Conflict, "endpoint-ambiguous", "Several workflows wait for this request. Add correlationId or workflowInstanceId to the query to say which is meant."),
        };
        await DeliverAsync(http, request, receiver, correlationId);
    }

    /// <summary>Who takes a request, under the most exact path that anybody waits under; null when who asks needs a key for it.</summary>
    private async Task<List<Receiver>?> FindAsync(HttpContext http, string path, string? correlationId)
    {
        if (path.Length is 0 or > HttpRoutes.PathLengthMax)
        {
            return [];
        }

        foreach (var pattern in HttpRoutes.PatternsOf(path))
        {
            if (await FindAsync(HttpRoutes.KeyOf(http.Request.Method, pattern, isAuthorized: false), correlationId, http.RequestAborted) is { Count: > 0 } open)
            {
                return open;
            }

            if (await FindAsync(HttpRoutes.KeyOf(http.Request.Method, pattern, isAuthorized: true), correlationId, http.RequestAborted) is { Count: > 0 } closed)
            {
                return http.Features.Get<Caller>() is null ? null : closed;
            }
        }

        return [];
    }

    private async Task<List<Receiver>> FindAsync(string key, string? correlationId, CancellationToken cancellationToken)
    {
        var waiting = await waits.FindWaitingAsync(key, correlationId, cancellationToken);
        var fired = await triggers.FindAsync(StartTrigger.HttpKind, key, publishedBy: null, cancellationToken);
        return [.. waiting.Select(entity => new Receiver(key, entity.Key, null)), .. fired.Select(trigger => new Receiver(key, null, trigger))];
    }

    /// <summary>What the same request was answered before: what it resumed does not wait for it any more.</summary>
    private async Task<RecordedInput?> FindRepeatAsync(HttpContext http, EndpointRequest request)
    {
        if (http.Request.Headers[CommandRequest.KeyHeader].Count is 0 || await journal.FindInputAsync(request.InputId, http.RequestAborted) is not { } recorded)
        {
            return null;
        }

        return recorded.Fingerprint.AsSpan().SequenceEqual(request.Fingerprint) ? recorded : throw RequestProblemException.KeyReused();
    }

    private async Task DeliverAsync(HttpContext http, EndpointRequest request, Receiver receiver, string? correlationId)
    {
        var instanceId = receiver.Waiting ?? InstanceIds.From(request.InputId);
        InstanceInput input = receiver.Trigger is { } trigger
            ? new InstanceInput.Start(
                trigger.DefinitionId, trigger.DefinitionVersion, trigger.DefinitionHash, new(StringComparer.Ordinal), correlationId, Trigger: trigger.NodeId, TriggerPayload: request.Payload)
            : new InstanceInput.Signal(receiver.Key, request.Payload);
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Instance, instanceId),
            new Envelope
            {
                InputId = request.InputId,
                Input = JsonSerializer.SerializeToUtf8Bytes(input, EngineJson.Plain.InstanceInput),
                Actor = request.Actor,
                Fingerprint = request.Fingerprint,
                BeginsEntity = receiver.Trigger is not null,
            },
            http.RequestAborted);
        if (answer.Refusal is { } refusal)
        {
            throw HttpRefusals.StatusOf(refusal.Code) is { } status ? new RequestProblemException(status, refusal.Code, refusal.Message) : RequestProblemException.Of(refusal);
        }

        await WriteAsync(http, instanceId, answer.Body);
    }

    private static async Task WriteAsync(HttpContext http, string instanceId, byte[]? body)
    {
        var recorded = body is null ? JsonValues.Null : JsonElement.Parse(body).Member(HttpRoutes.AnswerMember);
        if (recorded.IsNull() || recorded.Deserialize(EngineJson.Plain.HttpAnswered) is not { } answered)
        {
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            await http.Response.WriteAsJsonAsync(JsonValues.Object(("workflowInstanceId", JsonValues.Of(instanceId))), http.RequestAborted);
            return;
        }

        http.Response.StatusCode = answered.StatusCode;
        foreach (var (name, values) in answered.Headers ?? [])
        {
            http.Response.Headers[name] = values;
        }

        // What a workflow answers is content and never a page with the rights of this server.
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentSecurityPolicy = "sandbox";
        if (answered.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            return; // An answer of these has no body: the server would refuse to write one, at each repeat.
        }

        if (answered is { IsBase64: true, Body: { } file })
        {
            await WriteFileAsync(http, answered, Convert.FromBase64String(file));
        }
        else if (answered.Body is { } text && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.ContentType = answered.ContentType;
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), http.RequestAborted);
        }
    }

    /// <summary>Answers with a file, or with the part of it that is asked for: the framework knows the rules of ranges and conditions.</summary>
    private static Task WriteFileAsync(HttpContext http, InstanceFact.HttpAnswered answered, byte[] file) => TypedResults.Bytes(
        file,
        answered.ContentType,
        enableRangeProcessing: answered.IsResumable,
        entityTag: answered.IsResumable && EntityTagHeaderValue.TryParse(answered.Headers?.GetValueOrDefault("ETag")?.FirstOrDefault(), out var tag) ? tag : null).ExecuteAsync(http);

    /// <summary>Who takes a request.</summary>
    /// <param name="Key">Key of the endpoint.</param>
    /// <param name="Waiting">The instance that waits; null when the request starts one.</param>
    /// <param name="Trigger">What it starts; null when an instance waits.</param>
    private sealed record Receiver(string Key, string? Waiting, PinnedTrigger? Trigger);
}

/// <summary>Where workflow endpoints are served.</summary>
internal static class WorkflowEndpointRoutes
{
    /// <summary>Serves them below the base path of the settings.</summary>
    public static void MapWorkflowEndpoints(this IEndpointRouteBuilder app)
    {
        var options = app.ServiceProvider.GetRequiredService<IOptions<HttpOptions>>().Value;
        app.MapMethods(
                $"{options.BasePath}/{{**path}}",
                HttpRoutes.Methods,
                static (HttpContext http, WorkflowEndpoints endpoints) => endpoints.HandleAsync(http))
            .ExcludeFromDescription();
    }
}
