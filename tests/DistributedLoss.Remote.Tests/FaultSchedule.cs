using DistributedLoss.Remote.Tests.Servers;

namespace DistributedLoss.Remote.Tests;

/// <summary>What a hostile server answers, drawn from a seed: mostly the truth, else anything.</summary>
internal sealed class FaultSchedule(int seed, byte[] file)
{
    private readonly Random _random = new(seed);

    // Some servers are nearly well; some hardly ever are; some lie for good from a point on.
    private readonly double _rate = (seed % 5) switch { 0 => 0, 1 => 0.1, 2 => 0.3, 3 => 0.5, _ => 0.2 };
    private readonly int _kinds = seed % 2 == 0 ? Passing : All;

    // Faults that a patient client gets over come first.
    private const int Passing = 12;
    private const int All = 24;

    public Answer Answer(Question question)
    {
        lock (_random)
        {
            var truth = Servers.Answer.To(question, file);
            return _random.NextDouble() >= _rate ? truth : Fault(truth, question);
        }
    }

    private Answer Fault(Answer truth, Question question)
    {
        int after = _random.Next(truth.Body.Length + 1);
        string range = truth.Headers.GetValueOrDefault("Content-Range") ?? "";
        return _random.Next(_kinds) switch
        {
            0 or 1 => truth.Failing(Servers.Fault.Cut, after),
            2 or 3 => truth.Failing(Servers.Fault.Reset, after),
            4 => truth.Failing(_random.Next(4) == 0 ? Servers.Fault.Stall : Servers.Fault.Cut, after),
            5 => truth.Failing(_random.Next(4) == 0 ? Servers.Fault.Drip : Servers.Fault.Cut, after),
            6 => Servers.Answer.Of(503).With("Retry-After", "0"),
            7 => Servers.Answer.Of(500, file.AsMemory(0, after)),
            8 => Servers.Answer.Of(429),
            9 => truth.With("Content-Range", null),
            10 => truth.With("Content-Range", range.Replace("bytes ", "bytes 1", StringComparison.Ordinal)),
            11 => truth.With("Content-Length", $"{truth.Body.Length / 2}"),
            12 => Servers.Answer.Of(200, file),
            13 => Servers.Answer.Of(200, truth.Body),
            14 => Servers.Answer.Of(404),
            15 => Servers.Answer.Of(416).With("Content-Range", $"bytes */{after}"),
            16 => truth.With("ETag", "\"two\""),
            17 => truth.With("ETag", null),
            18 => truth.With("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT"),
            19 => truth.With("Content-Range", range + "0"),
            20 => truth.With("Content-Encoding", "gzip"),
            21 => Servers.Answer.Of(302).With("Location", question.Target),
            22 => truth with { Status = 203 },
            _ => truth.With("Content-Length", $"{truth.Body.Length * 2}").Failing(Servers.Fault.Cut, after),
        };
    }
}
