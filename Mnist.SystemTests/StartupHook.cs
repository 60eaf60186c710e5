using System.Diagnostics;
using Mnist.SystemTests.Load;

/// <summary>What the runtime calls before a program where DOTNET_STARTUP_HOOKS names this assembly; it looks for a class of this name.</summary>
internal static class StartupHook
{
    public static void Initialize() => DiagnosticListener.AllListeners.Subscribe(Leak.OfEnvironment());
}
