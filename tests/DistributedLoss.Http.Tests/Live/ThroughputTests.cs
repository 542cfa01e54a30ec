using DistributedLoss.Http.Live;

namespace DistributedLoss.Http.Tests.Live;

public class ThroughputTests
{
    private readonly Throughput _throughput = new();

    [Fact]
    public void Steady_work_is_a_level_line_however_the_reports_fall()
    {
        for (int i = 1; i <= 33; i++)
        {
            Add(0.21 * i, (long)(1000 * 0.21 * i));
        }

        Assert.All(Rates(), r => Assert.Equal(1000, r, 10));
        Assert.Equal(13, Rates().Length);
        Assert.Equal(1000, _throughput.Rate!.Value, 10);
    }

    [Fact]
    public void Rows_of_an_earlier_run_are_no_work_of_this_one()
    {
        _throughput.Add(TimeSpan.FromSeconds(1), 1_000_100, resumed: 1_000_000);
        Assert.Equal([100, 100], Rates());
        Assert.Equal(100, _throughput.Rate);
    }

    [Fact]
    public void A_chart_of_a_day_has_no_more_points_than_one_of_minutes_and_the_same_area()
    {
        for (int second = 1; second <= 86_400; second++)
        {
            Add(second, second * 50L);
        }

        var rates = Rates();
        Assert.InRange(rates.Length, Throughput.MostSteps / 2, Throughput.MostSteps);
        Assert.All(rates, r => Assert.Equal(50, r, 6));
        double step = _throughput.ToJson()["step"]!.GetValue<double>();
        Assert.InRange(step * rates.Length, 86_400 - step, 86_400);
    }

    [Fact]
    public void A_lost_worker_is_no_negative_rate()
    {
        Add(1, 1000);
        Add(2, 400);
        Assert.Equal([1000, 1000, 0, 0], Rates());
        Add(20, 400);
        Assert.Equal(0, _throughput.Rate);
    }

    private void Add(double seconds, long rows) => _throughput.Add(TimeSpan.FromSeconds(seconds), rows, resumed: 0);

    private double[] Rates() => [.. _throughput.ToJson()["rates"]!.AsArray().Select(r => r!.GetValue<double>())];
}
