using PiGrid.Client.Cli;

return await Runner.RunAsync(CommandTree.Create(), args);
