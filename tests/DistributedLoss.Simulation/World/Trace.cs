using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using DistributedLoss.Coordination;

namespace DistributedLoss.Simulation.World;

/// <summary>What happened, a line each, in the order in which it happened; costs nothing where nobody reads it.</summary>
internal sealed class Trace(VirtualClock clock, bool isKept)
{
    private readonly StringBuilder _text = new();

    public bool IsKept { get; } = isKept;

    public override string ToString() => _text.ToString();

    public void Add([InterpolatedStringHandlerArgument("")] ref Line line)
    {
        if (IsKept)
        {
            _text.Append(CultureInfo.InvariantCulture, $"{clock.Now.TotalSeconds,9:F4} ").Append(line.ToString()).Append('\n');
        }
    }

    private static string Short(object? message) => message switch
    {
        CoordinatorInput.ShardFinished f => $"ShardFinished {f.Worker} shard {f.Result.Shard} digest {f.Result.Digest[..8]}",
        CoordinatorOutput.Journal j => $"Journal shard {j.Result.Shard} digest {j.Result.Digest[..8]}",
        CoordinatorOutput.Log l => $"Log {Short(l.Event)}",
        RunEvent.ShardAssigned a => $"ShardAssigned {a.Shard} {a.Worker} attempt {a.Attempt}",
        RunEvent.ShardFinished f => $"ShardFinished {f.Shard} {f.Worker}",
        _ => message?.ToString() ?? "nothing more",
    };

    /// <summary>Formats only for a trace that is kept.</summary>
    [InterpolatedStringHandler]
    public ref struct Line
    {
        private DefaultInterpolatedStringHandler _inner;
        private readonly bool _isKept;

        public Line(int literalLength, int formattedCount, Trace trace, out bool isKept)
        {
            isKept = _isKept = trace.IsKept;
            _inner = isKept ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
        }

        public void AppendLiteral(string text) => _inner.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _inner.AppendFormatted(value is string text ? text : Short(value));

        public override string ToString() => _isKept ? _inner.ToStringAndClear() : "";
    }
}
