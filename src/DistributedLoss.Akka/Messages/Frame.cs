namespace DistributedLoss.Akka.Messages;

/// <summary>What nodes send each other, and nothing else: a frame of a message's bytes (<see cref="Wire.WireChunks"/>). Only who knows the run can read what is in it.</summary>
internal abstract record Frame(byte[] Bytes);

/// <summary>Of a <see cref="Wire.WorkerReport"/>.</summary>
internal sealed record ReportFrame(byte[] Bytes) : Frame(Bytes);

/// <summary>Of a <see cref="Wire.WorkerCommand"/>.</summary>
internal sealed record CommandFrame(byte[] Bytes) : Frame(Bytes);
