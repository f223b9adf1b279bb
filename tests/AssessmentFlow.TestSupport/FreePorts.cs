using System.Net;
using System.Net.Sockets;

namespace AssessmentFlow.TestSupport;

/// <summary>Ports of this machine that nobody listens on.</summary>
public static class FreePorts
{
    /// <summary>A port that was free a moment ago.</summary>
    public static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
