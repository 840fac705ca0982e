import {
  ActionIcon,
  Menu,
  SegmentedControl,
  Text,
  useMantineColorScheme,
  type MantineColorScheme,
} from "@mantine/core";
import { IconKeyboard, IconLock, IconLogout, IconUserCircle } from "@tabler/icons-react";
import { Link } from "react-router";
import { useLogOut, useMe } from "./session";

/** The account: who one is, the theme, the keys, the password, the way out. */
export function AccountMenu({ showKeys }: { showKeys: () => void }) {
  const { user, version } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const logOut = useLogOut();
  return (
    <Menu width={240} position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon size="lg" aria-label={`Account of ${user.name}`}>
          <IconUserCircle size={21} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text fw={600} size="sm" c="var(--text)" truncate>
            {user.name}
          </Text>
          {user.role} · click2call {version}
        </Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          m={8}
          mt={4}
          w="calc(100% - 16px)"
          aria-label="Colour scheme"
          value={colorScheme}
          onChange={(value) => setColorScheme(value as MantineColorScheme)}
          data={[
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
            { value: "auto", label: "System" },
          ]}
        />
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={showKeys}>
          Keyboard
        </Menu.Item>
        <Menu.Item leftSection={<IconLock size={16} />} component={Link} to="/password">
          Change password
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void logOut()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
