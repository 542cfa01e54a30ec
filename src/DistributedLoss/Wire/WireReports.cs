using DistributedLoss.Evaluation;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>What workers tell the coordinator, as bytes (messages.proto, ReportMessage).</summary>
public static class WireReports
{
    /// <exception cref="WireException">A name is empty, too long, or has control characters.</exception>
    public static byte[] Write(WorkerReport report)
    {
        bool isJoined = report is WorkerReport.Joined;
        var message = new ReportMessage
        {
            Version = WireBytes.Version,
            Run = isJoined && report.RunId.Length == 0 ? "" : WireHead.Name("run", report.RunId),
            Worker = WireHead.Name("worker", report.Worker),
            End = true,
        };
        switch (report)
        {
            case WorkerReport.Joined joined:
                message.Program = WireHead.Name("program", joined.Version);
                message.Joined = new JoinedMessage();
                break;
            case WorkerReport.Requested requested:
                message.Requested = new RequestedMessage { Number = requested.Number };
                break;
            case WorkerReport.Taken taken:
                message.Taken = new ExecutionMessage { Shard = taken.Shard, ShardId = taken.ShardId, Attempt = taken.Attempt };
                break;
            case WorkerReport.Progressed progressed:
                message.Progressed = new ProgressedMessage { Shard = progressed.Shard, Rows = progressed.Rows };
                break;
            case WorkerReport.Finished finished:
                message.Finished = WireShards.ToMessage(finished.Result);
                break;
            case WorkerReport.Failed failed:
                message.Failed = WireShards.ToMessage(failed.Failure);
                break;
            case WorkerReport.Returned returned:
                message.Returned = new ExecutionMessage { Shard = returned.Shard, ShardId = returned.ShardId, Attempt = returned.Attempt };
                break;
            case WorkerReport.Left left:
                message.Left = new ReasonMessage { Reason = left.Reason };
                break;
            default:
                throw new ArgumentException($"{report.GetType().Name} has no message", nameof(report));
        }

        return message.ToByteArray();
    }

    /// <param name="shape">That of the run's totals, for <see cref="WorkerReport.Finished"/>.</param>
    /// <exception cref="WireException">The bytes are no report of this version of the wire, which the message names, or the totals are not those of their digest, or of another shape.</exception>
    /// <exception cref="BadInputException">There are more slices than the shape has room for.</exception>
    public static WorkerReport Read(ReadOnlySpan<byte> bytes, TotalsShape shape)
    {
        var message = WireHead.Parse(bytes, ReportMessage.Parser, m => (m.Version, m.End));
        string worker = WireHead.Name("worker", message.Worker);
        if (message.ReportCase == ReportMessage.ReportOneofCase.Joined)
        {
            return new WorkerReport.Joined(message.Run, worker, WireHead.Name("program", message.Program));
        }

        string run = WireHead.Name("run", message.Run);
        if (message.Program.Length > 0)
        {
            throw new WireException($"Report: {message.ReportCase} with a program's version, which joined alone has");
        }

        return message.ReportCase switch
        {
            ReportMessage.ReportOneofCase.Requested => new WorkerReport.Requested(run, worker, WireBytes.Count("request", message.Requested.Number)),
            ReportMessage.ReportOneofCase.Taken => new WorkerReport.Taken(run, worker, Shard(message.Taken), message.Taken.ShardId, Attempt(message.Taken)),
            ReportMessage.ReportOneofCase.Progressed => new WorkerReport.Progressed(
                run, worker, WireBytes.Count("shard", message.Progressed.Shard), WireBytes.Count("rows", message.Progressed.Rows)),
            ReportMessage.ReportOneofCase.Finished => new WorkerReport.Finished(run, worker, WireShards.FromMessage(message.Finished, shape)),
            ReportMessage.ReportOneofCase.Failed => new WorkerReport.Failed(run, worker, WireShards.FromMessage(message.Failed)),
            ReportMessage.ReportOneofCase.Returned => new WorkerReport.Returned(run, worker, Shard(message.Returned), message.Returned.ShardId, Attempt(message.Returned)),
            ReportMessage.ReportOneofCase.Left => new WorkerReport.Left(run, worker, message.Left.Reason),
            _ => throw new WireException($"Report: worker {worker} reports nothing"),
        };
    }

    private static int Shard(ExecutionMessage execution) => WireBytes.Count("shard", execution.Shard);

    private static int Attempt(ExecutionMessage execution) => WireBytes.Count("attempt", execution.Attempt);
}
