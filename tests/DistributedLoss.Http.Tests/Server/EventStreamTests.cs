using System.Net;
using System.Net.Sockets;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Live;
using DistributedLoss.Http.Server;
using DistributedLoss.Http.Status;
using DistributedLoss.Http.Tests.Status;

namespace DistributedLoss.Http.Tests.Server;

/// <summary>Nothing else of the process may allocate while one of these tests measures.</summary>
[CollectionDefinition(nameof(EventStreamTests), DisableParallelization = true)]
public sealed class AloneInTheProcess;

[Collection(nameof(EventStreamTests))]
public sealed class EventStreamTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly LiveRun _run = new("dump/", TimeProvider.System);
    private readonly HttpClient _client = new() { Timeout = Deadline };
    private readonly CancellationTokenSource _deadline = new(Deadline);
    private StatusServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await StatusServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), new CoordinatorStatus(TimeSpan.FromMinutes(5), TimeProvider.System), _run);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _client.Dispose();
        _deadline.Dispose();
    }

    [Fact]
    public async Task A_viewer_gets_the_state_at_once_then_what_changes_and_the_end()
    {
        Start();
        _run.Tell("information", () => "run <started>\nnow");
        using var events = await OpenAsync();
        Assert.Equal("text/event-stream", events.MediaType);
        Assert.Equal(("retry", "1000"), await events.NextAsync(_deadline.Token));
        var first = await events.NextAsync(_deadline.Token);
        Assert.Equal("state", first!.Value.Name);
        Assert.Contains("\"state\":\"running\"", first.Value.Data, StringComparison.Ordinal);
        Assert.Equal("run <started>\nnow", (await events.NextAsync("log", _deadline.Token))[0]!["text"]!.GetValue<string>());
        Report(rows: 12);
        Assert.Equal(12, (await events.NextAsync("state", _deadline.Token))["rows"]!["done"]!.GetValue<long>());
        _run.Observe(new RunEvent.RunFinished(4, 40, 0.7, "00", 12));
        _run.End(() => "report"u8.ToArray());
        var last = await events.NextAsync("state", _deadline.Token);
        Assert.Equal(("finished", true), (last["state"]!.GetValue<string>(), last["report"]!.GetValue<bool>()));
        Assert.Equal("end", (await events.NextAsync(_deadline.Token))!.Value.Name);
        Assert.Equal("report", await _client.GetStringAsync(new Uri(_server.Address, "report")));
    }

    [Fact]
    public async Task A_run_in_which_nothing_happens_gives_a_sign_of_life()
    {
        var time = new ManualTime();
        await using var server = await StatusServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), new CoordinatorStatus(TimeSpan.FromMinutes(5), time), new LiveRun("dump/", time));
        using var events = await EventReader.OpenAsync(_client, new Uri(server.Address, "events"));
        var first = await events.NextAsync("state", _deadline.Token);
        time.Advance(5);
        Assert.Equal(first.ToJsonString(), (await events.NextAsync("state", _deadline.Token)).ToJsonString());
    }

    [Fact]
    public async Task A_viewer_who_comes_when_all_is_over_gets_the_state_and_the_end()
    {
        Start();
        _run.Observe(new RunEvent.RunFailed("no", 0, 4));
        _run.End(report: null);
        using var events = await OpenAsync();
        Assert.Equal("no", (await events.NextAsync("state", _deadline.Token))["reason"]!.GetValue<string>());
        Assert.Equal("end", (await events.NextAsync(_deadline.Token))!.Value.Name);
        using var report = await _client.GetAsync(new Uri(_server.Address, "report"));
        Assert.Equal(HttpStatusCode.NotFound, report.StatusCode);
        Assert.Equal("404: no report: the run is not done\n", await report.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_viewer_who_does_not_read_costs_the_run_nothing_and_the_server_ends_without_him()
    {
        Start();
        for (int i = 0; i < WorkerBoard.MostWorkers; i++)
        {
            _run.Observe(new RunEvent.WorkerJoined($"{i} {new string('x', 2000)}", i));
        }

        using var socket = new TcpClient { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, _server.Address.Port);
        await socket.GetStream().WriteAsync("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        using var reader = await OpenAsync();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await Task.Run(() =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                Report(i % 40);
                _run.Tell("debug", () => "a line");
            }
        }).WaitAsync(Deadline);
        Report(rows: 39);
        // The one who reads is served on, with the latest there is.
        while ((await reader.NextAsync("state", _deadline.Token))["rows"]!["done"]?.GetValue<long>() != 39)
        {
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 << 20);
        await _server.DisposeAsync().AsTask().WaitAsync(Deadline);
    }

    [Fact]
    public async Task As_many_as_there_is_room_for_may_watch_and_probes_get_through()
    {
        Start();
        var viewers = new List<EventReader>();
        for (int i = 0; i < Viewers.Most; i++)
        {
            viewers.Add(await OpenAsync());
        }

        using (var refused = await _client.GetAsync(new Uri(_server.Address, "events")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("503: 32 viewers watch already\n", await refused.Content.ReadAsStringAsync());
        }

        using var health = await _client.GetAsync(new Uri(_server.Address, "healthz"));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        foreach (var viewer in viewers)
        {
            Assert.Equal("running", (await viewer.NextAsync("state", _deadline.Token))["state"]!.GetValue<string>());
            viewer.Dispose();
        }

        await _server.WaitForViewersAsync(Deadline, _deadline.Token);
        using var next = await OpenAsync();
        Assert.Equal("running", (await next.NextAsync("state", _deadline.Token))["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task Where_nobody_watches_nobody_is_waited_for_and_else_until_he_leaves_or_the_limit()
    {
        Start();
        Assert.True(_server.WaitForViewersAsync(Deadline, _deadline.Token).IsCompletedSuccessfully);
        using (var viewer = await OpenAsync())
        {
            await viewer.NextAsync("state", _deadline.Token);
            await _server.WaitForViewersAsync(TimeSpan.FromMilliseconds(10), _deadline.Token);
            using var interrupt = new CancellationTokenSource();
            var waits = _server.WaitForViewersAsync(Deadline, interrupt.Token);
            Assert.False(waits.IsCompleted);
            await interrupt.CancelAsync();
            await waits;
        }

        await _server.WaitForViewersAsync(Deadline, _deadline.Token);
        Assert.False(_deadline.IsCancellationRequested);
    }

    private Task<EventReader> OpenAsync() => EventReader.OpenAsync(_client, new Uri(_server.Address, "events"));

    private void Start() => _run.Observe(new RunEvent.RunStarted(1, 4, 40, 3, "local", 2, "256", "8a04"));

    private void Report(long rows) => _run.Report(new RunProgress(0, 4, rows, 40, 2, TimeSpan.FromSeconds(10), null, null, 1));
}
