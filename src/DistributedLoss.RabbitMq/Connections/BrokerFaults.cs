using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client.Exceptions;

namespace DistributedLoss.RabbitMq.Connections;

/// <summary>What the client library throws, as one line and whether to try again can help.</summary>
internal static class BrokerFaults
{
    private const ushort AccessRefused = 403;
    private const ushort NotFound = 404;
    private const ushort NotAllowed = 530;
    private const ushort InternalError = 541;

    /// <param name="refusal">Why the broker's certificate was refused; null where it was not.</param>
    public static BrokerException OfConnecting(BrokerSettings settings, Exception e, string? refusal)
    {
        if (refusal is not null)
        {
            return Lasting($"{settings}: {refusal}; name with --broker-ca the authority that signed it, and with --broker the host that it is for", e);
        }

        foreach (var cause in Causes(e))
        {
            switch (cause)
            {
                case AuthenticationFailureException or PossibleAuthenticationFailureException:
                    return Lasting($"{settings}: the broker refuses user {settings.User} or the password; check {BrokerSettings.UserVariable}, {BrokerSettings.PasswordVariable} or {BrokerSettings.PasswordFileVariable}", e);
                case OperationInterruptedException { ShutdownReason: { ReplyCode: NotAllowed } reason }:
                    return Lasting($"{settings}: {Text(reason.ReplyText)}; check the virtual host behind the broker's name, and that user {settings.User} may use it", e);
                case OperationInterruptedException { ShutdownReason: { ReplyCode: AccessRefused } reason }:
                    return Lasting($"{settings}: {Text(reason.ReplyText)}; check user {settings.User} and its password", e);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData }:
                    return Passing($"{settings}: no such host as {settings.Host}; check the broker's name", e);
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return Passing($"{settings}: no broker there (connection refused); start it, or check host and port", e);
                case SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.TimedOut } socket:
                    return Passing($"{settings}: no broker reached ({Text(socket.Message)}); check host, port and network", e);
                case AuthenticationException:
                    return Lasting($"{settings}: no TLS connection ({Text(cause.InnerException?.Message ?? cause.Message)}); check that the port is the broker's TLS one, and the certificates on both sides", e);
            }
        }

        string reasonText = Causes(e).Any(c => c is TimeoutException or OperationCanceledException)
            ? $"no answer within {settings.ConnectTimeout.TotalSeconds:0.#} s"
            : Text(Causes(e).Last().Message);
        return Passing($"{settings}: no AMQP connection ({reasonText}); check that a broker listens there, {(settings.IsTls ? "with" : "without")} TLS", e);
    }

    /// <summary>Of what was asked of a broker that we are connected to; null where the connection or the channel is merely gone.</summary>
    public static BrokerException? OfOperation(BrokerSettings settings, Exception e) => e is OperationInterruptedException { ShutdownReason: { ReplyCode: AccessRefused } reason }
        ? Lasting($"{settings}: user {settings.User} lacks a permission ({Text(reason.ReplyText)}); give it those of docs/engines.md", e)
        : null;

    public static bool IsNotFound(Exception e) => e is OperationInterruptedException { ShutdownReason.ReplyCode: NotFound };

    /// <summary>Something broke in the broker while it did what was asked.</summary>
    public static bool IsInternal(Exception e) => e is OperationInterruptedException { ShutdownReason.ReplyCode: InternalError };

    /// <summary>A part of a line: without line ends, the full stop, and the broker's shouted name of the code.</summary>
    public static string Text(string message)
    {
        string line = message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
        int dash = line.IndexOf(" - ", StringComparison.Ordinal);
        return dash > 0 && line.AsSpan(0, dash).IndexOfAnyExceptInRange('A', '_') < 0 ? line[(dash + 3)..] : line;
    }

    private static BrokerException Lasting(string message, Exception e) => new(message, isLasting: true, e);

    private static BrokerException Passing(string message, Exception e) => new(message, isLasting: false, e);

    private static IEnumerable<Exception> Causes(Exception e)
    {
        yield return e;
        var inner = e is AggregateException many ? many.InnerExceptions : e.InnerException is { } one ? [one] : (IReadOnlyList<Exception>)[];
        foreach (var cause in inner.SelectMany(Causes))
        {
            yield return cause;
        }
    }
}
