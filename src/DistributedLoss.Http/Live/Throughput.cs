using System.Text.Json.Nodes;

namespace DistributedLoss.Http.Live;

/// <summary>Rows over time, in a bounded number of equal steps: when they are all used, two become one, and a step takes twice as long.</summary>
internal sealed class Throughput
{
    /// <summary>Points of a chart that is some hundred pixels wide; even.</summary>
    internal const int MostSteps = 240;

    private static readonly TimeSpan FirstStep = TimeSpan.FromSeconds(0.5);

    // What the rate of now is of, at least.
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(5);

    // Done at the end of each step that is over.
    private readonly List<double> _rows = [];
    private readonly Queue<(TimeSpan At, long Rows)> _recent = [];

    private TimeSpan _step = FirstStep;
    private long _first;
    private (TimeSpan At, long Rows) _last;

    /// <summary>Rows a second of the last seconds; null before there is any.</summary>
    public double? Rate { get; private set; }

    /// <param name="at">Since the run began; not before the last.</param>
    /// <param name="rows">Done by then; it falls when a worker is lost.</param>
    /// <param name="resumed">Done before the run began.</param>
    public void Add(TimeSpan at, long rows, long resumed)
    {
        if (_recent.Count == 0)
        {
            _first = resumed;
            _last = (TimeSpan.Zero, resumed);
            _recent.Enqueue(_last);
        }

        while ((_rows.Count + 1) * _step is var end && end <= at)
        {
            // Between two reports rows are read evenly: else the chart would show how the reports fall into the steps.
            double part = at > _last.At ? (end - _last.At) / (at - _last.At) : 1;
            _rows.Add(_last.Rows + (Math.Clamp(part, 0, 1) * (rows - _last.Rows)));
            if (_rows.Count == MostSteps)
            {
                Halve();
            }
        }

        _last = (at, rows);
        Measure();
    }

    /// <summary>Rows a second, step by step.</summary>
    public JsonObject ToJson()
    {
        var rates = new JsonArray();
        double before = _first;
        foreach (double rows in _rows)
        {
            rates.Add(Math.Round(Math.Max(0, rows - before) / _step.TotalSeconds, 1));
            before = rows;
        }

        return new JsonObject { ["step"] = _step.TotalSeconds, ["rates"] = rates };
    }

    private void Measure()
    {
        _recent.Enqueue(_last);
        while (_recent.Count > 2 && _last.At - _recent.Peek().At > Now)
        {
            _recent.Dequeue();
        }

        var (since, had) = _recent.Peek();
        if (_last.At > since)
        {
            Rate = Math.Max(0, _last.Rows - had) / (_last.At - since).TotalSeconds;
        }
    }

    private void Halve()
    {
        for (int i = 0; i < MostSteps / 2; i++)
        {
            _rows[i] = _rows[(2 * i) + 1];
        }

        _rows.RemoveRange(MostSteps / 2, MostSteps / 2);
        _step *= 2;
    }
}
