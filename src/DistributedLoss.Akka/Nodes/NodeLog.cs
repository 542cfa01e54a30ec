using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;

namespace DistributedLoss.Akka.Nodes;

/// <summary>Where a node's warnings and errors go.</summary>
internal sealed class NodeLogSetup(Action<string> onTrouble) : Setup
{
    public Action<string> OnTrouble => onTrouble;
}

/// <summary>Akka's logger: one line for each warning and error, for the program's log.</summary>
internal sealed class NodeLog : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private const int MaxLength = 400;

    // That a connection broke, or cannot be made for now. What comes of it is told by the cluster, once and not for each attempt.
    private static readonly string[] Ordinary = ["Association with remote system", "Tried to associate with unreachable remote address", "Disassociated"];

    public NodeLog()
    {
        var setup = Context.System.Settings.Setup.Get<NodeLogSetup>();
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(e =>
        {
            if (setup.HasValue && IsTrouble(e))
            {
                setup.Value.OnTrouble(Line(e));
            }
        });
    }

    internal static bool IsTrouble(LogEvent e) =>
        e.LogLevel() >= LogLevel.WarningLevel && $"{e.Message}" is var text && !Ordinary.Any(o => text.StartsWith(o, StringComparison.Ordinal));

    internal static string Line(LogEvent e)
    {
        string text = e.Cause is { } cause ? $"{e.Message} ({cause.GetType().Name}: {cause.Message})" : $"{e.Message}";
        text = new string([.. NodeSettings.OneLine(text).Where(c => !char.IsControl(c))]);
        return text.Length <= MaxLength ? text : text[..MaxLength] + "...";
    }
}

/// <summary>What Akka says while a node's loggers are not there yet, or no more: its own such logger writes to stdout, where results go.</summary>
internal sealed class NodeStartLog : MinimalLogger
{
    // Akka makes the logger while it makes the system.
    private readonly Action<string>? _onTrouble = Sink.Value;

    public static AsyncLocal<Action<string>?> Sink { get; } = new();

    protected override void Log(object message)
    {
        if (message is LogEvent e && NodeLog.IsTrouble(e))
        {
            _onTrouble?.Invoke(NodeLog.Line(e));
        }
    }
}
