using System.Text.RegularExpressions;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Metrics;
using DistributedLoss.Http.Status;
using DistributedLoss.Http.Tests.Metrics;

namespace DistributedLoss.Http.Tests;

/// <summary>The tables of metrics in docs/operations.md and the metrics of the program agree, both ways: names, types, labels.</summary>
public partial class MetricDocumentationTests
{
    [Fact]
    public void Every_metric_is_documented_and_every_documented_metric_is_there()
    {
        var coordinator = new CoordinatorStatus(TimeSpan.FromSeconds(300), TimeProvider.System);
        coordinator.Observe(new RunEvent.RunStarted(1, 4, 40, 3, "local", 2, "256", "8a04"));
        coordinator.Report(new RunProgress(2, 4, 20, 40, 2, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), 0.5, 1));
        var worker = new WorkerStatus(TimeSpan.FromSeconds(60), TimeProvider.System);
        worker.Observe(new RunEvent.WorkerStarted("host-1", 2, "rabbitmq", "0.1.0", "256"));
        foreach (IObservedStatus status in (IObservedStatus[])[coordinator, worker])
        {
            status.Observe(new RunEvent.BrokerConnected("amqp://broker:5672/", null));
        }

        Assert.Equal(Told(coordinator).Concat(Told(worker)).Distinct().Order(), Documented().Order());
    }

    private static IEnumerable<string> Told(IProcessStatus status)
    {
        var page = new ScreenedMetrics(PrometheusText.Write([.. status.Metrics(), .. ProcessMetrics.Read()]));
        return page.Types.Select(t => $"{t.Key} {t.Value} {string.Join(' ', page.Labels[t.Key].Order())}");
    }

    private static IEnumerable<string> Documented() =>
        from line in File.ReadLines(Repository.File("docs/operations.md"))
        let row = Row().Match(line)
        where row.Success
        select $"{row.Groups["name"].Value} {row.Groups["type"].Value} {string.Join(' ', row.Groups["label"].Captures.Select(c => c.Value).Order())}";

    [GeneratedRegex(@"^\| `(?<name>(dloss|process|dotnet)_\w+)` \| (?<type>gauge|counter|summary) \| (`(?<label>\w+)`(, )?)* ?\| ")]
    private static partial Regex Row();
}
