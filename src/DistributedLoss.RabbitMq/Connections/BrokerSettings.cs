using DistributedLoss.Evaluation;

namespace DistributedLoss.RabbitMq.Connections;

/// <summary>Where the broker is, and who we are to it. A class, not a record: what it says of itself has no password in it.</summary>
public sealed class BrokerSettings
{
    public const string UriVariable = "DLOSS_BROKER";
    public const string UserVariable = "DLOSS_BROKER_USER";
    public const string PasswordVariable = "DLOSS_BROKER_PASSWORD";
    public const string PasswordFileVariable = "DLOSS_BROKER_PASSWORD_FILE";
    public const string AuthorityVariable = "DLOSS_BROKER_CA";
    public const string CertificateVariable = "DLOSS_BROKER_CERT";
    public const string KeyVariable = "DLOSS_BROKER_KEY";

    public static readonly TimeSpan DefaultLiveness = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(10);

    private const string Example = "amqps://host:5671";

    // RabbitMQ's own, which it takes from loopback alone.
    private const string DefaultUser = "guest";

    private BrokerSettings(Uri uri, string host, int port, bool isTls, string virtualHost) =>
        (Uri, Host, Port, IsTls, VirtualHost) = (uri, host, port, isTls, virtualHost);

    /// <summary>For messages and logs: without user and password.</summary>
    public Uri Uri { get; }

    public string Host { get; }

    public int Port { get; }

    public bool IsTls { get; }

    public string VirtualHost { get; }

    public string User { get; private init; } = DefaultUser;

    /// <summary>PEM file of the authorities, and no others, that may have signed the broker's certificate; null for those of the system.</summary>
    public string? AuthorityFile { get; private init; }

    /// <summary>PEM file of our own certificate; null for none.</summary>
    public string? CertificateFile { get; private init; }

    /// <summary>PEM file of its key; null where it is in <see cref="CertificateFile"/> too.</summary>
    public string? KeyFile { get; private init; }

    /// <summary>How long either side may be silent before the other takes it for dead.</summary>
    public TimeSpan Liveness { get; private init; } = DefaultLiveness;

    /// <summary>For the network, TLS and the broker's handshake together.</summary>
    public TimeSpan ConnectTimeout { get; private init; } = DefaultConnectTimeout;

    internal string Password { get; private init; } = DefaultUser;

    /// <param name="uri"><c>amqp[s]://[user[:password]@]host[:port][/vhost]</c>; null takes <see cref="UriVariable"/>.</param>
    /// <param name="variable">Environment variables by name. Their user and password go before those of the URI, which other users of a machine can see.</param>
    /// <exception cref="BadOptionException">The URI, or a file that is named, cannot be used.</exception>
    public static BrokerSettings Read(
        string? uri, string? authorityFile, string? certificateFile, string? keyFile, Func<string, string?> variable, TimeSpan? liveness = null, TimeSpan? connectTimeout = null)
    {
        string? Set(string name) => variable(name) is { Length: > 0 } value ? value : null;
        string source = uri is null ? UriVariable : "--broker";
        string text = uri ?? Set(UriVariable) ?? throw new BadOptionException($"no broker is named; give --broker {Example}, or set {UriVariable}");
        var (bare, user, password) = Split(text, source);
        return new BrokerSettings(bare, bare.IdnHost, bare.Port, bare.Scheme == "amqps", VirtualHostOf(bare, source))
        {
            User = Set(UserVariable) ?? user ?? DefaultUser,
            Password = ReadPassword(Set(PasswordVariable), Set(PasswordFileVariable)) ?? password ?? DefaultUser,
            AuthorityFile = Existing("--broker-ca", authorityFile ?? Set(AuthorityVariable)),
            CertificateFile = Existing("--broker-cert", certificateFile ?? Set(CertificateVariable)),
            KeyFile = Existing("--broker-key", keyFile ?? Set(KeyVariable)),
            Liveness = liveness ?? DefaultLiveness,
            ConnectTimeout = connectTimeout ?? DefaultConnectTimeout,
        };
    }

    public override string ToString() => Uri.OriginalString;

    // By hand: the messages of Uri's own parser quote what they were given, and that may hold a password.
    private static (Uri Bare, string? User, string? Password) Split(string text, string source)
    {
        string? scheme = ((string[])["amqp://", "amqps://"]).FirstOrDefault(s => text.StartsWith(s, StringComparison.OrdinalIgnoreCase));
        if (scheme is null)
        {
            throw new BadOptionException($"{source}: not the URI of a broker; it begins with amqp:// or amqps://, as in {Example}");
        }

        string rest = text[scheme.Length..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string authority = slash < 0 ? rest : rest[..slash];
        int at = authority.LastIndexOf('@');
        string? user = null, password = null;
        if (at >= 0)
        {
            string[] parts = authority[..at].Split(':', 2);
            user = Uri.UnescapeDataString(parts[0]) is { Length: > 0 } name ? name : null;
            password = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : null;
        }

        string place = authority[(at + 1)..];
        string port = scheme == "amqps://" ? ":5671" : ":5672";
        bool hasPort = place.LastIndexOf(':') > place.LastIndexOf(']');
        string bare = $"{scheme}{place}{(hasPort ? "" : port)}{(slash < 0 ? "" : rest[slash..])}";
        if (!Uri.TryCreate(bare, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.Port <= 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new BadOptionException($"{source}: not the URI of a broker; it is amqp[s]://host[:port][/vhost], as in {Example}, and a password's @, / and : are written %40, %2F and %3A");
        }

        return (uri, user, password);
    }

    private static string VirtualHostOf(Uri uri, string source)
    {
        string path = uri.GetComponents(UriComponents.Path, UriFormat.UriEscaped);
        return path.Contains('/', StringComparison.Ordinal)
            ? throw new BadOptionException($"{source}: {path} is more than one virtual host; a / in its name is written %2F")
            : path.Length == 0 ? "/" : Uri.UnescapeDataString(path);
    }

    private static string? ReadPassword(string? password, string? file)
    {
        if (file is null)
        {
            return password;
        }

        if (password is not null)
        {
            throw new BadOptionException($"{PasswordVariable} and {PasswordFileVariable} are both set; set one of them");
        }

        try
        {
            return File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadOptionException($"{PasswordFileVariable}={file}: cannot be read: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}; name a file that holds the password");
        }
    }

    private static string? Existing(string option, string? file) =>
        file is null || File.Exists(file) ? file : throw new BadOptionException($"{option} {file}: no such file; name a PEM file");
}
