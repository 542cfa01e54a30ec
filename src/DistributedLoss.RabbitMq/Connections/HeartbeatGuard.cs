using System.Runtime.ExceptionServices;

namespace DistributedLoss.RabbitMq.Connections;

/// <summary>
/// RabbitMQ.Client 7.1 ends a connection whose peer is silent from two threads at once, and the one that comes second throws where nobody can catch it:
/// a worker whose network is cut would crash (rabbitmq-dotnet-client issue 1884; 7.2.1 catches it). By then the connection is told as lost, and closed.
/// </summary>
internal static class HeartbeatGuard
{
    private const string Callback = "RabbitMQ.Client.Framing.Connection.HeartbeatReadTimerCallback";

    private static int _isSet;

    /// <summary>Once for the process, however often it is asked for.</summary>
    public static void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) != 0)
        {
            return;
        }

        try
        {
            ExceptionHandling.SetUnhandledExceptionHandler(IsLate);
        }
        catch (InvalidOperationException)
        {
            // The program that we are part of has a handler of its own, which decides.
        }
    }

    /// <summary>Whether an exception comes out of the client's own check of its peer.</summary>
    public static bool IsLate(Exception e) => e.StackTrace?.Contains(Callback, StringComparison.Ordinal) == true;
}
