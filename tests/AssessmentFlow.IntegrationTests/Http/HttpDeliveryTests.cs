using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AssessmentFlow.IntegrationTests.Http;

/// <summary>Whose an HTTP request is: it is sent by the process that holds its message, to a real receiver.</summary>
public sealed class HttpDeliveryTests : IDisposable
{
    private const long Bookmark = 7;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);
    private static readonly EntityId Instance = new(EntityKinds.Instance, "synthetic");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2008, 5, 5, 9, 0, 0, TimeSpan.Zero));
    private readonly TcpListener _receiver = new(IPAddress.Loopback, 0);
    private readonly Row _row = new();
    private readonly HttpCaller _caller;
    private readonly OutboxPump _pump;

    public HttpDeliveryTests()
    {
        _receiver.Start();
        var delivery = Options.Create(new DeliveryOptions { Lease = Lease });
        var http = Options.Create(new HttpOptions { AllowedHosts = _receiver.LocalEndpoint.ToString()! });
        _caller = new HttpCaller(http);
        _pump = new OutboxPump(
            new MessageDelivery(
                _row, _row, catalogue: null!, triggers: null!, new HttpDelivery(_caller, _row, _row, _row, delivery, _clock, NullLogger<HttpDelivery>.Instance), delivery),
            _row,
            _row,
            timers: null!,
            delivery,
            http,
            _clock,
            NullLogger<OutboxPump>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _pump.Dispose();
        _caller.Dispose();
        _receiver.Dispose();
    }

    [Fact]
    public async Task A_request_whose_message_another_process_took_or_delivered_while_it_waited_is_not_sent_and_the_row_is_left_alone()
    {
        _row.Claims.Enqueue(() => false);

        await DeliverAsync();

        Assert.False(_receiver.Pending());
        Assert.Equal(["claim"], _row.Calls);
    }

    [Fact]
    public async Task A_request_that_nobody_waits_for_any_more_is_not_sent_and_its_message_is_done()
    {
        _row.Awaited = [];

        await DeliverAsync();

        Assert.False(_receiver.Pending());
        Assert.Equal(["claim", "delivered"], _row.Calls);
    }

    [Fact]
    public async Task A_lease_that_could_not_be_prolonged_once_for_whatever_reason_is_prolonged_the_next_time()
    {
        _row.Claims.Enqueue(() => true);
        _row.Claims.Enqueue(() => throw new InvalidOperationException("Synthetic."));
        var delivering = DeliverAsync();
        using var connection = await _receiver.AcceptTcpClientAsync(Token);

        await RenewAsync(claims: 2);
        await RenewAsync(claims: 3);
        await AnswerAsync(connection);
        await delivering;

        Assert.Equal(["claim", "claim", "claim", "answer", "delivered"], _row.Calls);
    }

    [Fact]
    public async Task A_request_whose_message_another_process_took_while_it_was_under_way_is_given_up_and_the_row_is_left_alone()
    {
        _row.Claims.Enqueue(() => true);
        _row.Claims.Enqueue(() => false);
        var delivering = DeliverAsync();
        using var connection = await _receiver.AcceptTcpClientAsync(Token);

        await RenewAsync(claims: 2);
        await delivering;

        Assert.Equal(["claim", "claim"], _row.Calls);
    }

    private Task DeliverAsync()
    {
        var call = new OutboxMessage.CallHttp(
            new HttpCall("GET", $"http://{_receiver.LocalEndpoint}/", Headers: null, Body: null, ContentType: null, "synthetic"), new Origin(Instance.Key, Bookmark));
        return _pump.DeliverAsync(new PendingMessage(new MessageId(Instance, 1, 0), OutboxJson.Write(call), Attempts: 0), Token);
    }

    /// <summary>Turns the clock to the next renewal and waits until that is asked for.</summary>
    /// <param name="claims">Claims that were made by then (count).</param>
    private Task RenewAsync(int claims)
    {
        _clock.Advance(Lease / 2);
        return Eventually.HoldsAsync($"the message was claimed {claims} times", () => Task.FromResult(_row.Calls.Count(call => call is "claim") == claims), Token);
    }

    private static async Task AnswerAsync(TcpClient connection)
    {
        var stream = connection.GetStream();
        Assert.NotEqual(0, await stream.ReadAsync(new byte[1024], Token));
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Token);
    }

    /// <summary>The row of the message, and the instance that waits for the answer.</summary>
    private sealed class Row : IDeliveryStore, IEntities, ITurnJournal, ILivingSilos
    {
        private readonly List<string> _calls = [];

        /// <summary>What the next claims answer; those after them find the message their own.</summary>
        public Queue<Func<bool>> Claims { get; } = [];

        /// <summary>What the instance waits for.</summary>
        public Bookmark[] Awaited { get; set; } = [new Bookmark { Id = Bookmark, Execution = 1, Kind = "synthetic" }];

        /// <summary>What was done so far.</summary>
        public string[] Calls
        {
            get
            {
                lock (_calls)
                {
                    return [.. _calls];
                }
            }
        }

        public string Name => "own";

        public IReadOnlyCollection<string> Names() => [Name];

        public Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken)
        {
            Assert.Equal(Lease, until - now);
            Note("claim");
            return Task.FromResult(!Claims.TryDequeue(out var claim) || claim());
        }

        public void Delivered(MessageId message) => Note("delivered");

        public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken)
        {
            Note("put off");
            return Task.CompletedTask;
        }

        public Task<TurnAnswer> HandleAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken = default)
        {
            Note("answer");
            return Task.FromResult(new TurnAnswer { Outcome = TurnOutcome.Accepted });
        }

        public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken)
        {
            var state = new InstanceState { Id = entity.Key, StoredBookmarks = Awaited };
            return Task.FromResult<EntitySnapshot?>(new EntitySnapshot(1, JsonSerializer.SerializeToUtf8Bytes(state, EngineJson.Plain.InstanceState), []));
        }

        public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(
            IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Forget(DueTimer timer) => throw new NotSupportedException();

        public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> CommitAsync(Turn turn, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) => throw new NotSupportedException();

        private void Note(string call)
        {
            lock (_calls)
            {
                _calls.Add(call);
            }
        }
    }
}
