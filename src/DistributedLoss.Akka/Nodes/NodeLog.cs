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

    public NodeLog()
    {
        var setup = Context.System.Settings.Setup.Get<NodeLogSetup>();
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(e =>
        {
            if (setup.HasValue && e.LogLevel() >= LogLevel.WarningLevel)
            {
                setup.Value.OnTrouble(Line(e));
            }
        });
    }

    private static string Line(LogEvent e)
    {
        string text = e.Cause is { } cause ? $"{e.Message} ({cause.GetType().Name}: {cause.Message})" : $"{e.Message}";
        text = new string([.. NodeSettings.OneLine(text).Where(c => !char.IsControl(c))]);
        return text.Length <= MaxLength ? text : text[..MaxLength] + "...";
    }
}
