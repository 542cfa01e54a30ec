using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>What the coordinator tells workers, as bytes (messages.proto, CommandMessage).</summary>
public static class WireCommands
{
    /// <exception cref="WireException">A name is empty, too long, or has control characters.</exception>
    public static byte[] Write(WorkerCommand command)
    {
        var message = new CommandMessage
        {
            Version = WireBytes.Version,
            Run = WireHead.Name("run", command.RunId),
            Worker = WireHead.Name("worker", command.Worker),
            End = true,
        };
        switch (command)
        {
            case WorkerCommand.Run run:
                message.Program = WireHead.Name("program", run.Version);
                message.Description = UnsafeByteOperations.UnsafeWrap(run.Description);
                break;
            case WorkerCommand.Assign assign:
                message.Assign = WireShards.ToMessage(assign.Assignment);
                break;
            case WorkerCommand.Abandon abandon:
                message.Abandon = new AbandonMessage { Shard = abandon.Shard };
                break;
            case WorkerCommand.Release release:
                message.Release = new ReasonMessage { Reason = release.Reason };
                break;
            default:
                throw new ArgumentException($"{command.GetType().Name} has no message", nameof(command));
        }

        return message.ToByteArray();
    }

    /// <exception cref="WireException">The bytes are no command of this version of the wire, which the message names.</exception>
    public static WorkerCommand Read(ReadOnlySpan<byte> bytes)
    {
        var message = WireHead.Parse(bytes, CommandMessage.Parser, m => (m.Version, m.End));
        string run = WireHead.Name("run", message.Run);
        string worker = WireHead.Name("worker", message.Worker);
        if (message.CommandCase == CommandMessage.CommandOneofCase.Description)
        {
            return new WorkerCommand.Run(run, worker, WireHead.Name("program", message.Program), message.Description.Memory);
        }

        if (message.Program.Length > 0)
        {
            throw new WireException($"Command: {message.CommandCase} with a program's version, which run alone has");
        }

        return message.CommandCase switch
        {
            CommandMessage.CommandOneofCase.Assign => new WorkerCommand.Assign(run, worker, WireShards.FromMessage(message.Assign)),
            CommandMessage.CommandOneofCase.Abandon => new WorkerCommand.Abandon(run, worker, WireBytes.Count("shard", message.Abandon.Shard)),
            CommandMessage.CommandOneofCase.Release => new WorkerCommand.Release(run, worker, message.Release.Reason),
            _ => throw new WireException($"Command: worker {worker} is told nothing"),
        };
    }
}
