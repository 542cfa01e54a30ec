using DistributedLoss.Calibration;
using DistributedLoss.Coordination;
using DistributedLoss.Local;
using DistributedLoss.Runs;

namespace DistributedLoss.RabbitMq.Tests.Runs;

/// <summary>A calibration is several runs one after another, whose sums of slopes come over the broker.</summary>
public sealed class CalibrationTests(Broker broker) : IClassFixture<Broker>, IDisposable
{
    private readonly Dump _dump = new();

    public void Dispose() => _dump.Dispose();

    [BrokerFact]
    public async Task Workers_on_a_broker_come_to_the_calibration_of_one_process()
    {
        await using var cluster = new Cluster(broker);
        cluster.StartWorker();
        cluster.StartWorker(slots: 2);
        var plan = _dump.Plan();
        string local = Json(await CalibrateAsync(plan, pass => new LocalEngine(new LocalEngineOptions { Workers = 1 }).RunAsync(pass, _ => { })));
        string brokered = Json(await CalibrateAsync(plan, pass => cluster.RunAsync(pass)));
        Assert.Contains("\"provenLow\": {", local);
        Assert.Equal(local, brokered);
    }

    private static Task<CalibrationResult> CalibrateAsync(RunPlan plan, Func<RunPlan, Task<RunOutcome>> run) => Task.Run(
        () => Calibrator.Run(plan, pass => Assert.IsType<RunOutcome.Completed>(run(pass.Plan).GetAwaiter().GetResult()).Result));

    private static string Json(CalibrationResult result)
    {
        using var stream = new MemoryStream();
        CalibrationJson.Write(stream, result);
        string json = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        return json[..json.IndexOf("\n  \"environment\": {", StringComparison.Ordinal)];
    }
}
