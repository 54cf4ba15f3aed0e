using System.Net;
using System.Net.Sockets;

namespace TradeActors.Servers.Processes;

/// <summary>Ports of 127.0.0.1 that stay a server's or a node's own while it is down.</summary>
/// <remarks>
/// Below the range from which the system serves outgoing connections, which could otherwise take the port of a killed process. Every port is given out once
/// per process.
/// </remarks>
public static class FreePort
{
    private const int First = 11_000;
    private const int Last = 31_000;

    private static readonly HashSet<int> Given = [];
    private static readonly Lock Gate = new();

    public static int Take()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < 1_000; attempt++)
            {
                var port = Random.Shared.Next(First, Last + 1);
                if (IsFree(port) && Given.Add(port))
                {
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"No free port found between {First} and {Last}.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
