using System.CommandLine;
namespace PiGrid.Client.Demo;
internal static class DemoCommand { public static Command Create() => new("demo", "x"); }
